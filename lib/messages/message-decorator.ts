import type { MessageClass } from '../base/class.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { MessageOptions } from './declarations.js';
import { declarations } from './declarations.js';
import { noteClass } from './named-classes.js';
import { refuseEqualNames } from './schema.js';

/**
 * Makes a class a message class: its instances are the elements of a stream. Its fields are those with `@Field`, and
 * those of the classes that it extends. Elements are made with `new C()`, so the constructor needs no arguments.
 *
 * A class that extends a message class is one too, a node of its own under its own name, with `@Message` or without.
 * It takes over `strict` and `codec` unless it says otherwise.
 *
 * It is a plain function too: `Message()(C)`.
 *
 * @throws WaterMillError when the class is declared: two fields with one name in messages, an empty name, an unknown codec.
 * @example
 * ```ts
 * @Message({ name: 'robot-speed', strict: true })
 * class RobotSpeed {
 *   @Field() speed!: number;
 * }
 * ```
 */
export function Message(options: MessageOptions = {}): <C extends MessageClass<any>>(message: C) => void {
  return (message) => {
    checkOptions(message, options);
    const said = Object.entries(options).filter(([, value]) => value !== undefined);
    declarations.messages.set(message, Object.freeze(Object.fromEntries(said)));
    refuseEqualNames(message);
    noteClass(options.name ?? message.name, message);
  };
}

function checkOptions(message: MessageClass<any>, { name, codec }: MessageOptions): void {
  const refuse = (why: string): never => {
    throw new WaterMillError('WM_MESSAGE_OPTIONS', `@Message on ${message.name}: ${why}.`, { message: message.name });
  };
  if (name !== undefined && (typeof name !== 'string' || name === '')) refuse('its name must be a non-empty string');
  if (codec !== undefined && codec !== 'class-transformer') {
    refuse(`the codec ${JSON.stringify(codec)} is not known; leave it out, or write 'class-transformer'`);
  }
}

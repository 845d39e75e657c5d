import type { MessageClass } from '../base/class.js';
import { unknownOption } from '../base/option-names.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { MessageOptions } from './declarations.js';
import { declarations } from './declarations.js';
import { noteClass } from './named-classes.js';
import { refuseEqualNames } from './schema.js';

/**
 * Makes a class a message class: its instances are the elements of a stream. Its fields are those with `@Field`, and
 * those of the classes that it extends. Elements are made with `new C()`, so the constructor must work without
 * arguments.
 *
 * A class that extends a message class is also one, a node under its own name, with or without `@Message`. It inherits
 * `strict` and `codec` unless it sets its own.
 *
 * It can be called as a plain function, too: `Message()(C)`.
 *
 * @throws WaterMillError when the class is declared: two fields with one name in messages, an empty name, an unknown
 * option or codec.
 * @example
 * ```ts
 * @Message({ name: 'robot-speed', strict: true })
 * class RobotSpeed {
 *   @Field() speed!: number;
 * }
 * ```
 */
export function Message(options: MessageOptions = {}): <C extends MessageClass<any>>(message: C) => void {
  if (typeof options === 'function') {
    const { name } = options as Function;
    const sentence = `@Message on ${name} is written without parentheses. Write @Message().`;
    throw new WaterMillError('WM_MESSAGE_OPTIONS', sentence, { message: name });
  }
  return (message) => {
    checkOptions(message, options);
    const said = Object.entries(options).filter(([, value]) => value !== undefined);
    declarations.messages.set(message, Object.freeze(Object.fromEntries(said)));
    refuseEqualNames(message);
    noteClass(options.name ?? message.name, message);
  };
}

const optionNames: readonly (keyof MessageOptions)[] = ['name', 'strict', 'codec'];

function checkOptions(message: MessageClass<any>, options: MessageOptions): void {
  const refuse = (sentence: string, details = {}): never => {
    const { name } = message;
    throw new WaterMillError('WM_MESSAGE_OPTIONS', `@Message on ${name}${sentence}`, { message: name, ...details });
  };
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = shownValue(options);
    const name = typeof options === 'string' ? found : '"other-name"';
    refuse(`: expected an object of options, found ${found}. Write @Message(), or @Message({ name: ${name} }).`);
  }
  const unknown = unknownOption(options, optionNames);
  if (unknown !== undefined) refuse(` ${unknown.sentence}`, unknown.details);
  const { name, strict, codec } = options;
  if (name !== undefined && (typeof name !== 'string' || name === '')) refuse(': its name must be a non-empty string.');
  if (strict !== undefined && typeof strict !== 'boolean') {
    refuse(`: strict must be true or false, but is ${shownValue(strict)}.`);
  }
  if (codec !== undefined && codec !== 'class-transformer') {
    refuse(`: the codec ${shownValue(codec)} is not known; leave it out, or write 'class-transformer'.`);
  }
}

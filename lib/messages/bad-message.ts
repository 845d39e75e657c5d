import { sharedClass } from '../base/loaded-copies.js';
import { declarations } from './declarations.js';
import { Field } from './field.js';
import { Message } from './message-decorator.js';

/**
 * A message that could not be read, or a call that threw, as written by `{ deadLetter: BadMessage }`. It is an ordinary
 * message class, so a mill can also read such a stream.
 */
@sharedClass('BadMessage')
export class BadMessage {
  /** The stream, as named by the broker. */
  stream!: string;
  /** The position in the stream. */
  position!: number;
  /**
   * The message, unchanged, as text; if it is not valid UTF-8, or begins with `base64:`, as base64 after `base64:`. For
   * a call, its messages. If the broker returns values and not bytes, the value as JSON, as well as possible.
   */
  raw!: string;
  /** The error message. */
  error!: string;
}

// Plain calls, so that the class does not need the compiler's metadata. The first copy of the package has made them.
if (!declarations.messages.has(BadMessage)) {
  Field(() => String)(BadMessage.prototype, 'stream');
  Field(() => Number)(BadMessage.prototype, 'position');
  Field(() => String)(BadMessage.prototype, 'raw');
  Field(() => String)(BadMessage.prototype, 'error');
  Message({ name: 'BadMessage' })(BadMessage);
}

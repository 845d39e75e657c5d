import { Field } from './field.js';
import { Message } from './message-decorator.js';

/**
 * A message that could not be read, or a call that threw: what `{ deadLetter: BadMessage }` writes. It is an ordinary
 * message class, so a mill can read such a stream too.
 */
export class BadMessage {
  /** The stream as the broker names it. */
  stream!: string;
  /** The position in the stream. */
  position!: number;
  /**
   * The message as it came: its text; base64 after `base64:` where it is not valid UTF-8. Of a call, its messages. From a
   * broker that returns values and not bytes, the value as JSON, as well as that can be.
   */
  raw!: string;
  /** What is wrong with it, in the words of the error. */
  error!: string;
}

// Plain calls, so that the class does not need the compiler's metadata.
Field(() => String)(BadMessage.prototype, 'stream');
Field(() => Number)(BadMessage.prototype, 'position');
Field(() => String)(BadMessage.prototype, 'raw');
Field(() => String)(BadMessage.prototype, 'error');
Message({ name: 'BadMessage' })(BadMessage);

import { quotedText } from '../base/shown-text.js';
import { safely } from '../base/shown-value.js';
import { unicodePattern } from '../base/unicode-pattern.js';

/**
 * Why a value cannot be read or an element cannot be written: the field, what was expected, and what was found. Not
 * public.
 */
export class FieldProblem extends Error {
  override readonly name = 'FieldProblem';

  constructor(
    /** `pos.lat`, `items[3].id`; empty for the message as a whole. */
    readonly path: string,
    readonly expected: string,
    readonly found: string,
    /** What to do, as a sentence; empty if the rest is sufficient. */
    readonly fix: string = '',
    options?: { cause?: unknown },
  ) {
    super('', options);
    const subject = path === '' ? 'the message' : `field ${path}`;
    this.message = `${subject} must be ${expected}, but is ${found}.${fix === '' ? '' : ` ${fix}`}`;
  }
}

/** Returns whether a thrown value is a `FieldProblem`. Never throws. */
export function isFieldProblem(thrown: unknown): thrown is FieldProblem {
  return safely(() => thrown instanceof FieldProblem) === true;
}

/** A problem with its own message, of a deserializer or a serializer. */
export class CodecProblem extends FieldProblem {
  constructor(path: string, sentence: string, options?: { cause?: unknown }) {
    super(path, 'what the class says', 'something else', '', options);
    this.message = sentence;
  }
}

const wordPattern = unicodePattern(String.raw`^[\p{L}_$][\p{L}\p{N}_$-]*$`);

/** The path of a nested field: `pos` and `lat` make `pos.lat`. */
export function fieldPath(path: string, name: string): string {
  if (!wordPattern().test(name)) return `${path}[${quotedText(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

import { reasonOf, stackText } from '../base/thrown.js';
import { isWaterMillError } from '../base/watermill-error.js';

/** The options of every command. */
export interface CommonOptions {
  /** Results and errors as JSON, for programs. */
  readonly json?: boolean;
  /** Errors with their stack traces, and those of their causes. */
  readonly stack?: boolean;
}

/** Prints the output of a command: results to stdout, everything else to stderr. */
export class Printer {
  constructor(private readonly options: CommonOptions) {}

  get isJson(): boolean {
    return this.options.json === true;
  }

  /** Prints a result, as text or as JSON. */
  result(text: string, json: unknown): void {
    this.text(this.isJson ? jsonText(json) : text);
  }

  text(text: string): void {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Prints other output than the result: progress, side effects. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  error(error: unknown): void {
    if (this.isJson) this.note(jsonText({ error: this.errorJson(error) }));
    else this.note(this.errorText(error));
  }

  errorText(error: unknown): string {
    if (this.options.stack === true) return stackText(error);
    return isWaterMillError(error) ? `${error.message} (${error.code})` : reasonOf(error);
  }

  private errorJson(error: unknown): object {
    const stack = this.options.stack === true ? { stack: stackText(error) } : {};
    if (!isWaterMillError(error)) return { message: reasonOf(error), ...stack };
    return { code: error.code, message: error.message, details: error.details, ...stack };
  }
}

/** JSON that supports bigints; errors among the details become their messages. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, each) => {
    if (typeof each === 'bigint') return String(each);
    return each instanceof Error ? each.message : each;
  });
}

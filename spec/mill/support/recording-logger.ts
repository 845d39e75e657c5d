import type { Logger } from 'watermill';

/** Records the log. */
export class RecordingLogger implements Logger {
  readonly lines: { readonly level: string; readonly fields: object; readonly text: string }[] = [];

  readonly debug = this.at('debug');
  readonly info = this.at('info');
  readonly warn = this.at('warn');
  readonly error = this.at('error');

  private at(level: string) {
    return (fields: object, text: string): void => void this.lines.push({ level, fields, text });
  }
}

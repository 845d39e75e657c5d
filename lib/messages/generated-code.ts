/** The code of a generated function while it is written: its variables, and the values that it refers to by name. */
export abstract class GeneratedCode {
  private variables = 0;

  constructor(protected readonly scope: Record<string, unknown>) {}

  /** Returns the name of a new variable. */
  protected variable(): string {
    return `v${this.variables++}`;
  }

  /** Makes a value available to the code. Returns its name. */
  protected inScope(value: unknown): string {
    const name = `s${Object.keys(this.scope).length}`;
    this.scope[name] = value;
    return name;
  }
}

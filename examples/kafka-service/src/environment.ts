type Values = Readonly<Record<string, string | undefined>>;

/** Reads settings from environment variables, and collects all faults, to report them at once. */
export class Environment {
  private readonly problems: string[] = [];

  constructor(private readonly values: Values) {}

  text(name: string, standard: string): string {
    return this.values[name] || standard;
  }

  /** `host:port`, separated by commas. */
  addresses(name: string): string[] {
    const given = this.text(name, '');
    const addresses = given.split(',');
    if (!addresses.every((address) => /^[^\s:/]+:\d+$/.test(address))) {
      const found = given === '' ? 'is not set' : `is "${given}"`;
      this.problems.push(
        `${name} must be host:port, such as localhost:9092, or more of them with commas, but ${found}`,
      );
    }
    return addresses;
  }

  number(name: string, standard: number): number {
    const value = this.text(name, String(standard));
    if (!Number.isFinite(Number(value))) this.problems.push(`${name} must be a number, but is "${value}"`);
    return Number(value);
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], standard: NoInfer<T>): T {
    const value = this.text(name, standard);
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.problems.push(`${name} must be one of ${allowed.join(', ')}, but is "${value}"`);
    return found ?? standard;
  }

  /** A value that must not be shown. */
  secret(name: string): string | undefined {
    return this.values[name] || undefined;
  }

  refuse(problem: string): void {
    this.problems.push(problem);
  }

  /** Throws if a value is missing or invalid. */
  check(): void {
    if (this.problems.length > 0) throw new Error(`Wrong environment: ${this.problems.join('; ')}.`);
  }
}

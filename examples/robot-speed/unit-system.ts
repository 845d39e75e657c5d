/** The unit of a speed. The speed meter has it as a constructor parameter; the container provides it. */
export class UnitSystem {
  constructor(
    readonly speedUnit: string,
    private readonly perMetrePerSecond: number,
  ) {}

  /** In this system's unit, rounded to hundredths. */
  speed(metres: number, seconds: number): number {
    return Math.round((metres / seconds) * this.perMetrePerSecond * 100) / 100;
  }
}

export const metric = new UnitSystem('km/h', 3.6);
export const imperial = new UnitSystem('mph', 2.236936);

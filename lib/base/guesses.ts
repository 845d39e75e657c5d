/** The fewest guesses after which they are judged. */
const fewest = 1024;

/**
 * Judges guesses of what comes next. They continue while more than half of them are right; else there are none for a
 * while, and then the order is learned again.
 */
export class Guesses {
  private isOn = true;
  private asked = 0;
  private missed = 0;
  /** The number of look-ups after which the guesses are judged. */
  private until = fewest;

  /** Whether to guess at the next look-up. `known`: the number of things of which one may come. */
  areWorthIt(known: number): boolean {
    if (++this.asked > this.until) this.judge(known);
    return this.isOn;
  }

  miss(): void {
    this.missed++;
  }

  private judge(known: number): void {
    const span = Math.max(fewest, 4 * known);
    this.isOn = !this.isOn || 2 * this.missed < this.asked;
    this.until = this.isOn ? span : 16 * span;
    this.asked = 0;
    this.missed = 0;
  }
}

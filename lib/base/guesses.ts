/** The minimum number of lookups between two evaluations of the guesses. */
const fewest = 1024;

/**
 * Evaluates guesses of the next item. They continue while more than half of them are right. Otherwise they are
 * suspended for a while, and then the order is learned again.
 */
export class Guesses {
  private isOn = true;
  private asked = 0;
  private missed = 0;
  /** The number of lookups after which the guesses are evaluated. */
  private until = fewest;

  /** Returns whether to guess at the next lookup. `known`: the number of known items. */
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

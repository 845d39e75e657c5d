import { isDate } from '../../../base/date.js';
import { compareKeys } from '../../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../../expressions/key-json.js';
import type { ForcedJson } from '../../resume/lane-vector.js';

const LOWEST = Number.NEGATIVE_INFINITY;

interface Step {
  readonly position: number;
  key: any;
}

/**
 * Up to which key a silent node was taken to have nothing, and from which position on: what comes there at or below that
 * key is late. What had come before stays in time, also when a restart reads it again.
 */
export class ForcedFrontier {
  private steps: Step[];

  constructor(json: readonly ForcedJson[] | undefined) {
    this.steps = (json ?? []).map(([position, key]) => {
      const found = keyFromJson(key);
      return { position, key: isDate(found) ? found.getTime() : found };
    });
  }

  /** The key up to which nothing is waited for, where everything before this position was read. */
  keyAt(position: number): any {
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i] as Step;
      if (step.position <= position) return step.key;
    }
    return LOWEST;
  }

  /** Nothing up to this key is waited for any longer, from what is at this position on. */
  force(position: number, key: any): void {
    if (compareKeys(key, this.keyAt(position)) <= 0) return;
    const last = this.steps.at(-1);
    if (last?.position === position) last.key = key;
    else this.steps.push({ position, key });
  }

  isLate(position: number, key: any): boolean {
    return compareKeys(key, this.keyAt(position)) <= 0;
  }

  /** What a restart that reads from this position must know. */
  toJson(from: number, show: (key: any) => unknown): readonly ForcedJson[] | undefined {
    const next = this.steps.findIndex(({ position }) => position > from);
    const first = Math.max(0, (next < 0 ? this.steps.length : next) - 1);
    this.steps = this.steps.slice(Math.min(first, this.steps.length));
    if (this.steps.length === 0) return undefined;
    return this.steps.map(({ position, key }) => [position, keyToJson(show(key) as any)]);
  }
}

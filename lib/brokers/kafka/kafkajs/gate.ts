/** Callers pass while the gate is open; before that they wait. */
export class Gate {
  open!: () => void;
  fail!: (error: unknown) => void;
  isOpen = false;
  private readonly passage: Promise<void>;

  constructor() {
    this.passage = new Promise((resolve, reject) => {
      this.open = () => {
        this.isOpen = true;
        resolve();
      };
      this.fail = reject;
    });
    // It may fail while nothing awaits it.
    this.passage.catch(() => {});
  }

  opened(): Promise<void> {
    return this.passage;
  }

  /** Returns a closed gate: this one, if it was never opened. */
  reopened(): Gate {
    return this.isOpen ? new Gate() : this;
  }
}

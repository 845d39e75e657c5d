/** Lets pass while it is open; those who come before that wait. */
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

  /** A closed gate; this one, if nothing has passed it yet. */
  reopened(): Gate {
    return this.isOpen ? new Gate() : this;
  }
}

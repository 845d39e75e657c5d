import 'reflect-metadata';
import { alias, Field, Message } from 'watermill';

@Message()
export class Keyed {
  @Field() key!: number;
  @Field() value!: number;
}

@Message()
export class First extends alias(Keyed, 'First') {}

@Message()
export class Second extends alias(Keyed, 'Second') {}

@Message()
export class Third extends alias(Keyed, 'Third') {}

@Message()
export class Fourth extends alias(Keyed, 'Fourth') {}

/** Creates elements as they are read, so that memory shows how many are held; equal keys in runs. */
export function keyed<T extends Keyed>(message: new () => T, count: number, run: number): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (let i = 0; i < count; i++) {
        const element = new message();
        element.key = Math.floor(i / run);
        element.value = i % 97;
        yield element;
      }
    },
  };
}

/** Reads runs of equal keys from an iterable, in order. */
export class Runs<T extends Keyed> {
  private readonly iterator: Iterator<T>;
  private head: T | undefined;

  constructor(elements: Iterable<T>) {
    this.iterator = elements[Symbol.iterator]();
    this.take();
  }

  /** Returns the elements with this key; earlier ones are passed over. */
  at(key: number): T[] {
    const run: T[] = [];
    while (this.head !== undefined && this.head.key < key) this.take();
    while (this.head !== undefined && this.head.key === key) {
      run.push(this.head);
      this.take();
    }
    return run;
  }

  private take(): void {
    const step = this.iterator.next();
    this.head = step.done === true ? undefined : step.value;
  }
}

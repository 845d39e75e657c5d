/** A node of a chain. */
export class Link<T> {
  before: Link<T> | undefined = undefined;
  after: Link<T> | undefined = undefined;

  constructor(readonly of: T) {}
}

/** A doubly linked list: an item can be removed or moved to the end in constant time. */
export class Chain<T> {
  private head: Link<T> | undefined = undefined;
  private tail: Link<T> | undefined = undefined;

  get first(): T | undefined {
    return this.head?.of;
  }

  get firstLink(): Link<T> | undefined {
    return this.head;
  }

  append(link: Link<T>): void {
    const { tail } = this;
    link.before = tail;
    link.after = undefined;
    if (tail === undefined) this.head = link;
    else tail.after = link;
    this.tail = link;
  }

  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before === undefined) this.head = after;
    else before.after = after;
    if (after === undefined) this.tail = before;
    else after.before = before;
  }

  moveToEnd(link: Link<T>): void {
    if (link === this.tail) return;
    this.remove(link);
    this.append(link);
  }
}

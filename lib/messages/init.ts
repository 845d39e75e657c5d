/** The names of data members; methods are no fields, nor is the brand of an alias. */
export type FieldName<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends (...args: any[]) => any ? never : K extends `~${string}` ? never : K;
}[keyof T] &
  string;

type OptionalName<T> = { [K in FieldName<T>]: undefined extends T[K] ? K : never }[FieldName<T>];

/** What an element is made from: all its fields, those that may be undefined left out at will. */
export type Init<T> = { [K in Exclude<FieldName<T>, OptionalName<T>>]: T[K] } & { [K in OptionalName<T>]?: T[K] };

/**
 * The type of a field with an initial value in the class, which may be left out of `message()`.
 *
 * @example @Field(() => Number) seats: Default<number> = 100;
 */
export type Default<T> = T | (T & HasDefault);

/** Visible only to the compiler; its key is a string, so that users can emit declarations. */
export interface HasDefault {
  readonly '~default': true;
}

/** A type without the brand of `Default`. */
export type WithoutMark<V> = IsAny<V> extends true ? V : V extends HasDefault ? never : V;

export type IsAny<V> = 0 extends 1 & V ? true : false;

/** The names of data members, without methods and the brand of an alias. For a class of unknown type: any name. */
export type FieldName<T> = unknown extends T
  ? string
  : {
      [K in keyof T]-?: IsAny<T[K]> extends true
        ? K
        : [NonNullable<T[K]>] extends [(...args: any[]) => any]
          ? [NonNullable<T[K]>] extends [never]
            ? K
            : never
          : K extends `~${string}`
            ? never
            : K;
    }[keyof T] &
      string;

export type IsUnion<R, All = R> = R extends All ? ([All] extends [R] ? false : true) : never;

type IsReadonly<T, K extends keyof T> = Same<Pick<T, K>, Readonly<Pick<T, K>>>;
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

type HowInit<T, K extends keyof T> =
  IsAny<T[K]> extends true
    ? {} extends Pick<T, K>
      ? 'optional'
      : 'needed'
    : [Extract<T[K], HasDefault>] extends [never]
      ? undefined extends T[K]
        ? 'optional'
        : IsReadonly<T, K> extends true
          ? 'optional'
          : 'needed'
      : 'default';
type NameThatIs<T, How> = {
  [K in FieldName<T> & keyof T]: HowInit<T, K> extends How ? K : never;
}[FieldName<T> & keyof T];

/**
 * The fields from which an element is made. Optional: fields that may be undefined, fields of type `Default<…>`, and
 * readonly fields, since the compiler cannot distinguish them from getters. Methods are not part of it.
 */
export type Init<T> = { [K in NameThatIs<T, 'needed'>]: T[K] } & {
  [K in NameThatIs<T, 'optional'>]?: T[K] | undefined;
} & { [K in NameThatIs<T, 'default'>]?: WithoutMark<T[K]> };

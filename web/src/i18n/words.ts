/** The shape of a catalog in another language: the same keys, any words. */
export type SameKeys<T> = { [K in keyof T]: T[K] extends string ? string : SameKeys<T[K]> };

/** The words of one feature in both languages. A key that is missing in one of them does not compile. */
export function words<const T extends object>(en: T, de: SameKeys<T>): { en: T; de: SameKeys<T> } {
  return { en, de };
}

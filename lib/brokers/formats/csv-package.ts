import { missingPackage } from '../../base/missing-package.js';

/** The part of papaparse, an optional peer, that is used. */
interface Papaparse {
  /** The object that `parse` creates for each text: reusing it takes less than half of the time. */
  readonly Parser: new (config: {
    delimiter: string;
    newline: '\n';
    quoteChar: '"';
  }) => PapaparseParser;
}

interface PapaparseParser {
  parse(text: string, index: number, ignoresLastRow: boolean): { readonly data: string[][] };
}

let loaded: Papaparse | undefined;

/** Loads papaparse when the first CSV stream is opened. */
export function papaparse(): Papaparse {
  try {
    loaded ??= require('papaparse') as Papaparse;
    return loaded;
  } catch (cause) {
    throw missingPackage('papaparse', 'CSV', 'WM_PAPAPARSE_MISSING', cause);
  }
}

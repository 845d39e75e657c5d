import { dateArithmetic } from './date-arithmetic.js';
import { divide, floorDivide, floorModulo } from './division.js';
import { shifted } from './shifted.js';

/** The functions that the code of key expressions may call, by their names there. */
export const arithmetic = { divide, floorDivide, floorModulo, shifted, ...dateArithmetic };

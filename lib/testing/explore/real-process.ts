import { runInThisContext } from 'node:vm';

/** The object of Node: jest replaces this global in its tests by a copy. */
export const realProcess: NodeJS.Process = runInThisContext('process') ?? process;

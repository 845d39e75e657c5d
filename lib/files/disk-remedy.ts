import { memberOrNothing } from '../base/shown-value.js';

/**
 * What to do after an error of the file system, as one sentence, if its code says it: a full disk, too many open files,
 * or a name that is too long. Otherwise `otherwise`.
 */
export function diskRemedy(cause: unknown, otherwise: string): string {
  switch (memberOrNothing(cause, 'code')) {
    case 'ENOSPC':
      return 'Make room on the disk.';
    case 'EDQUOT':
      return 'Make room on the disk, or raise the quota of its user.';
    case 'EMFILE':
      return 'Close what the process has open, or raise its limit of open files (ulimit -n).';
    case 'ENFILE':
      return 'The limit of open files of the whole system is reached: close some, or raise it.';
    case 'ENAMETOOLONG':
      return 'Use a shorter name: files next to results, such as progress and locks, have up to 60 characters more.';
    default:
      return otherwise;
  }
}

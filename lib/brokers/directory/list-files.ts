import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import { cannotList, type DirectoryPlace } from './directory-errors.js';
import { type FileRules, isData, isHidden } from './file-rules.js';

/** The files in a directory whose names are data, as paths in it. */
export interface Listing {
  readonly names: ReadonlySet<string>;
  /** The symbolic links among them. */
  readonly links: ReadonlySet<string>;
  /** The marker files, which say that others are complete. */
  readonly markers: ReadonlySet<string>;
}

/**
 * Lists a directory without checking its files. Symbolic links to directories are not followed.
 *
 * @throws WaterMillError `WM_DIRECTORY_UNREADABLE`; a folder in it that goes away in the meantime is skipped.
 */
export async function listFiles(place: DirectoryPlace, rules: FileRules): Promise<Listing> {
  const found = { names: new Set<string>(), links: new Set<string>(), markers: new Set<string>() };
  await listFolder(place, '', rules, found);
  return found;
}

async function listFolder(
  place: DirectoryPlace,
  prefix: string,
  rules: FileRules,
  found: { readonly names: Set<string>; readonly links: Set<string>; readonly markers: Set<string> },
): Promise<void> {
  const folder = path.join(place.directory, prefix);
  let entries: Dirent[];
  try {
    entries = await fs.readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (prefix !== '' && (code === 'ENOENT' || code === 'ENOTDIR')) return;
    throw cannotList(place, folder, cause);
  }
  for (const entry of entries) {
    const name = `${prefix}${entry.name}`;
    const isLink = entry.isSymbolicLink();
    if (isLink || entry.isFile()) {
      if (rules.marker !== undefined && entry.name.endsWith(rules.marker)) found.markers.add(name);
      else if (isData(name, rules)) {
        found.names.add(name);
        if (isLink) found.links.add(name);
      }
    } else if (rules.recursive && entry.isDirectory() && !isHidden(entry.name)) {
      await listFolder(place, `${name}/`, rules, found);
    }
  }
}

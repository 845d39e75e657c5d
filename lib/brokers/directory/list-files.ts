import { isUtf8 } from 'node:buffer';
import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import { cannotList, type DirectoryPlace, notUtf8Name } from './directory-errors.js';
import { type FileRules, isData, isHidden } from './file-rules.js';

/** The files in a directory whose names are data, as paths in it. */
export interface Listing {
  readonly names: ReadonlySet<string>;
  /** The symbolic links among them. */
  readonly links: ReadonlySet<string>;
  /** The marker files, which say that others are complete. */
  readonly markers: ReadonlySet<string>;
}

/** What a byte that is not UTF-8 is decoded to. A name may also contain this character itself. */
const replacement = '\ufffd';

/**
 * Lists a directory without checking its files. Symbolic links to directories are not followed.
 *
 * @throws WaterMillError `WM_DIRECTORY_UNREADABLE`; a folder in it that goes away in the meantime is skipped.
 * `WM_FILE_UNREADABLE` for a name that is not UTF-8: the file would not be found under the decoded name.
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
  let undecodable: ReadonlySet<string> | undefined;
  const refuseUndecodable = async ({ name }: Dirent): Promise<void> => {
    undecodable ??= await undecodableNames(folder);
    if (undecodable.has(name)) throw notUtf8Name(place, `${prefix}${name}`);
  };
  for (const entry of entries) {
    const name = `${prefix}${entry.name}`;
    const isLink = entry.isSymbolicLink();
    if (isLink || entry.isFile()) {
      if (rules.marker !== undefined && entry.name.endsWith(rules.marker)) found.markers.add(name);
      else if (isData(name, rules)) {
        // Awaiting every name would take a third as long as listing them.
        if (entry.name.includes(replacement)) await refuseUndecodable(entry);
        found.names.add(name);
        if (isLink) found.links.add(name);
      }
    } else if (rules.recursive && entry.isDirectory() && !isHidden(entry.name)) {
      if (entry.name.includes(replacement)) await refuseUndecodable(entry);
      await listFolder(place, `${name}/`, rules, found);
    }
  }
}

/** The names in a folder that are not UTF-8, as they are decoded. */
async function undecodableNames(folder: string): Promise<ReadonlySet<string>> {
  const names = await fs.readdir(folder, { encoding: 'buffer' });
  return new Set(names.filter((name) => !isUtf8(name)).map(String));
}

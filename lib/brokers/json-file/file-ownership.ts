import { promises as fs } from 'node:fs';
import { ifExists } from '../../files/durable-files.js';

/**
 * Gives a file that is to take the place of another one its mode, and its owner and group where the system allows it. Where
 * there is no other one, it stays as it was made.
 */
export async function takeOver(handle: fs.FileHandle, path: string): Promise<void> {
  const former = await ifExists(fs.stat(path));
  if (former === undefined || process.platform === 'win32') return;
  const { uid, gid, mode } = await handle.stat();
  if (uid !== former.uid || gid !== former.gid) await chown(handle, former.uid, former.gid, uid);
  // Behind the owner: a change of that takes bits from the mode.
  if (mode !== former.mode) await handle.chmod(former.mode & 0o7777);
}

/** Only root gives files away; a member of a group may hand them to that. */
async function chown(handle: fs.FileHandle, uid: number, gid: number, own: number): Promise<void> {
  await handle.chown(uid, gid).catch(() => handle.chown(own, gid).catch(() => {}));
}

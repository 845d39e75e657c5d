import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { FileLock, type LockOptions } from '../../lib/files/file-lock.js';
import { newClaim } from '../../lib/files/lock-claim.js';
import { isRunning, thisProcess } from '../../lib/files/process-identity.js';
import { cases, isDeep } from '../support/cases.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { LockProcess } from './lock-process.js';

const onLinux = process.platform === 'linux' ? test : test.skip;
const canUnshare = worksIn('unshare', '--pid', '--fork', '--mount-proc');
const inNamespaces = canUnshare ? test : test.skip;

let directory: TemporaryDirectory;
let locked: string;
beforeEach(() => {
  directory = temporaryDirectory();
  locked = directory.file('r.json');
});
afterEach(() => directory.remove());

const inUse = (owner: string, file: string) => Object.assign(new Error(owner), { file });
const take = (options: Partial<LockOptions> = {}) => FileLock.take(locked, { inUse, ...options });
const files = () => readdirSync(directory.path);

/** Creates a claim of an unknown process: another host, another container. */
function foreignClaim(text = 'process 7 on elsewhere\n'): string {
  const file = newClaim(locked).file.replace(/-[0-9a-f]+-([0-9a-f]{12})\.lock$/, '-abcdef012345-$1.lock');
  writeFileSync(file, text);
  return file;
}

describe('a lock', () => {
  test('is one file while it is held, and none afterwards', async () => {
    const lock = await take();
    expect(files()).toEqual([expect.stringMatching(new RegExp(`^r\\.json\\.${process.pid}-.*\\.lock$`))]);
    await lock.release();
    await lock.release();
    expect(files()).toEqual([]);
  });

  test('is refused to another owner in the same process, naming its owner and its file', async () => {
    const lock = await take();
    await expect(take()).rejects.toMatchObject({
      message: `process ${process.pid} on ${hostname()}`,
      file: directory.file(files()[0]!),
    });
    await lock.release();
    await (await take()).release();
    expect(files()).toEqual([]);
  });

  test('applies to its path only', async () => {
    const lock = await take();
    const other = await FileLock.take(directory.file('r.json.g'), { inUse });
    await Promise.all([lock.release(), other.release()]);
  });

  test.each([2, 8])('is given to exactly one of %i concurrent requests', async (many) => {
    for (let round = 0; round < cases(25); round++) {
      const asked = await Promise.allSettled(Array.from({ length: many }, () => take()));
      const taken = asked.filter((outcome) => outcome.status === 'fulfilled');
      expect({ round, taken: taken.length }).toEqual({ round, taken: 1 });
      await taken[0]!.value.release();
    }
    expect(files()).toEqual([]);
  });

  test('is not taken while another process is about to take it: one of both withdraws', async () => {
    const others = [newClaim(locked), newClaim(locked)];
    const weakest = { ...others[0]!, file: others[0]!.file.replace(/[0-9a-f]{12}\.lock$/, 'ffffffffffff.lock') };
    const strongest = { ...others[1]!, file: others[1]!.file.replace(/[0-9a-f]{12}\.lock$/, '000000000000.lock') };
    writeFileSync(strongest.file, '');
    await expect(take()).rejects.toMatchObject({ file: strongest.file });
    rmSync(strongest.file);
    writeFileSync(weakest.file, '');
    let isTaken = false;
    const taking = take().then((lock) => {
      isTaken = true;
      return lock;
    });
    while (files().length < 2) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(isTaken).toBe(false);
    rmSync(weakest.file);
    await (await taking).release();
    expect(files()).toEqual([]);
  });

  test('is awaited as long as requested', async () => {
    const lock = await take();
    const waiting = take({ patienceMs: 60_000 });
    await lock.release();
    await (await waiting).release();
  });

  test('is no longer awaited when the signal is aborted', async () => {
    const lock = await take();
    const abort = new AbortController();
    const waiting = take({ patienceMs: 60_000, signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await lock.release();
  });

  test('that was deleted is lost: that is reported before more is written', async () => {
    const lock = await take();
    expect(lock.guard()).toBeUndefined();
    await lock.confirm();
    rmSync(directory.file(files()[0]!));
    await expect(lock.confirm()).rejects.toMatchObject({ code: 'WM_LOCK_LOST' });
    await expect(lock.guard()).rejects.toMatchObject({ code: 'WM_LOCK_LOST' });
    await lock.release();
  });

  test.each(['null', '', '{"pid":', '\0\0'])('is not held by a file that only looks like it: %j', async (text) => {
    writeFileSync(directory.file('r.json.lock'), text);
    symlinkSync(directory.file('nowhere'), directory.file('r.json.x.lock'));
    const lock = await take();
    await lock.release();
    expect(files().sort()).toEqual(['r.json.lock', 'r.json.x.lock']);
    expect(existsSync(directory.file('nowhere'))).toBe(false);
  });
});

test.each([
  ['a folder', (name: string) => mkdirSync(name)],
  ['a link', (name: string) => symlinkSync('nowhere', name)],
  ['a named pipe', (name: string) => execFileSync('mkfifo', [name])],
])('a lock is not held by %s with the name of a claim', async (_, make) => {
  make(newClaim(locked).file);
  await (await take()).release();
  expect(files()).toHaveLength(1);
});

describe('the lock of a dead process', () => {
  test('is free immediately, whatever its contents', async () => {
    const other = await LockProcess.start();
    expect(await other.take(locked)).toEqual({ taken: true });
    await expect(take()).rejects.toThrow(`process ${other.pid} on ${hostname()}`);
    await other.kill();
    const [left] = files();
    for (const text of ['null', '', '\0', 'torn {']) {
      writeFileSync(directory.file(left!), text);
      await (await take()).release();
      expect(files()).toEqual([]);
    }
  });

  test('is given to exactly one of many processes, in each round', async () => {
    const dead = await LockProcess.start();
    await dead.take(locked);
    await dead.kill();
    const [stale] = files();
    const processes = await Promise.all(Array.from({ length: isDeep() ? 8 : 4 }, () => LockProcess.start()));
    for (let round = 0; round < cases(20); round++) {
      if (round > 0) writeFileSync(directory.file(stale!), 'process 1 on elsewhere\n');
      const attempts = await Promise.all(processes.map((each) => each.take(locked)));
      const taken = attempts.filter((attempt) => attempt.taken).length;
      expect({ round, taken, files: files().length }).toEqual({ round, taken: 1, files: 1 });
      await Promise.all(processes.map((each) => each.release()));
      expect(files()).toEqual([]);
    }
    await Promise.all(processes.map((each) => each.kill()));
  });

  test('is given to a survivor when others are killed while they take it', async () => {
    for (let round = 0; round < Math.ceil(cases(6) / 3); round++) {
      const processes = await Promise.all(Array.from({ length: 3 }, () => LockProcess.start()));
      for (const each of processes) each.take(locked).catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(processes.map((each) => each.kill()));
      await (await take()).release();
      expect({ round, files: files() }).toEqual({ round, files: [] });
    }
  });
});

describe('an owner in an unknown state', () => {
  test('keeps the lock as long as it shows life', async () => {
    const file = foreignClaim();
    const watched: string[] = [];
    const taking = take({
      onWatch: (owner) => {
        watched.push(owner);
        utimesSync(file, 1, 1);
      },
    });
    await expect(taking).rejects.toThrow('process 7 on elsewhere');
    expect(watched).toEqual(['process 7 on elsewhere']);
    expect(files()).toEqual([path.basename(file)]);
  });

  test('loses it when it was silent for long enough', async () => {
    foreignClaim();
    const lock = await take({ silentMs: 1 });
    expect(files()).toHaveLength(1);
    await lock.release();
    expect(files()).toEqual([]);
  });

  test('that was about to take the lock loses that, too', async () => {
    foreignClaim('');
    await (await take({ silentMs: 1 })).release();
    expect(files()).toEqual([]);
  });

  test('may release it while it is watched', async () => {
    const file = foreignClaim();
    await (await take({ onWatch: () => rmSync(file) })).release();
    expect(files()).toEqual([]);
  });

  inNamespaces(
    'keeps its lock in another pid namespace of the same host name, and loses it with its death',
    async () => {
      const other = await LockProcess.start('unshare', '--pid', '--fork', '--mount-proc', '--kill-child');
      expect(await other.take(locked)).toEqual({ taken: true });
      await expect(take()).rejects.toThrow(`on ${hostname()}`);
      await other.kill();
      await (await take({ silentMs: 2_500 })).release();
      expect(files()).toEqual([]);
    },
  );

  inNamespaces('is known in another namespace of host names, dead or alive', async () => {
    const other = await LockProcess.start('unshare', '--uts', 'sh', '-c', 'hostname another; exec "$0" "$@"');
    expect(await other.take(locked)).toEqual({ taken: true });
    const onWatch = jest.fn();
    await expect(take({ onWatch })).rejects.toThrow(`process ${other.pid} on another`);
    await other.kill();
    await (await take({ onWatch })).release();
    expect(onWatch).not.toHaveBeenCalled();
  });
});

describe('whether a process runs', () => {
  const own = thisProcess();

  test('is known for this one', () => {
    expect(isRunning(own)).toBe(process.platform === 'linux' ? true : undefined);
  });

  test('is known for an unused number', () => {
    expect(isRunning({ ...own, pid: 2 ** 22 + 1 })).toBe(false);
  });

  test('is not known for one elsewhere', () => {
    expect(isRunning({ ...own, space: 'abcdef012345' })).toBeUndefined();
    expect(isRunning({ ...own, space: '0' })).toBeUndefined();
  });

  onLinux('is known of one whose number another has got', () => {
    expect(isRunning({ ...own, ticks: '1' })).toBe(false);
  });
});

function worksIn(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, [...args, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

/** Returns whether specs in these folders run. Jest passes the requested paths; without any, all specs run. */
export function areAskedFor(folders, patterns) {
  if (patterns.length === 0) return true;
  const specs = folders.flatMap(specsBelow);
  return patterns.some((pattern) => specs.some((spec) => new RegExp(pattern, 'i').test(spec)));
}

function specsBelow(folder) {
  try {
    const names = readdirSync(path.join(root, folder), { recursive: true });
    return names.filter((name) => name.endsWith('.spec.ts')).map((name) => path.join(root, folder, name));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

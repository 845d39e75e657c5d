import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { shellWord } from '../../base/shell-word.js';
import { type AddCommand, action } from '../command.js';
import { commandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { starterFiles } from '../init/starter.js';
import { versionOfPackage } from '../package-version.js';
import { makeFolder } from '../paths.js';

interface InitOptions {
  readonly watermill: string;
}

export const addInit: AddCommand = (program, done) => {
  program
    .command('init')
    .description('create a runnable project, with a test: then npm install, npm start, npm test')
    .argument('[folder]', 'the folder; existing files are not changed', '.')
    .option(
      '--watermill <version>',
      'the dependency in its package.json: a version, or file:… of a tarball',
      `^${versionOfPackage()}`,
    )
    .action(
      action<[string], InitOptions>(done, async (printer, { watermill }, folder) => {
        const root = path.resolve(folder);
        const files = starterFiles(nameOf(root), watermill);
        const taken = [...files.keys()].filter((file) => existsSync(path.join(root, file)));
        if (taken.length > 0) {
          throw commandError(
            `${folder === '.' ? 'This folder' : folder} has ${taken.join(', ')} already. Use an empty folder: npx watermill init my-mill.`,
            { taken },
          );
        }
        // All folders first: whatever is in their way is found before a file is written.
        for (const file of files.keys()) makeFolder(path.dirname(path.join(root, file)));
        for (const [file, text] of files) writeFileSync(path.join(root, file), text, { flag: 'wx' });
        const into = root === process.cwd() ? '' : `cd ${shellWord(folder)} && `;
        const text = `Made ${files.size} files. Next: ${into}npm install && npm start && npm test`;
        printer.result(text, { folder: root, files: [...files.keys()] });
        return exitCodes.done;
      }),
    );
};

/** A name that npm accepts. */
function nameOf(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'mill' : name;
}

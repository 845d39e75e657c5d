import { existsSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer-core';

const paths = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = paths.find((path) => path !== undefined && existsSync(path));
const isCi = ![undefined, '', 'false', '0'].includes(process.env.CI);
if (executablePath === undefined) {
  if (isCi) throw new Error('There is no chromium: apt-get install chromium, or name one by CHROMIUM');
  process.stderr.write('There is no chromium (apt-get install chromium): what a service shows is not tested in one.\n');
}

/** Tests in a browser; skipped, visibly, if there is none. */
export const describeInBrowser: jest.Describe = (
  executablePath === undefined ? describe.skip : describe
) as jest.Describe;

export function startBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  return puppeteer.launch({ executablePath: executablePath as string, headless: true, args });
}

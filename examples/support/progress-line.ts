import type { WaterMill } from 'watermill';

const everyMs = 200;

/**
 * Keeps a line about a running mill on a terminal. Where the output is a file or a pipe, nothing is printed.
 *
 * @returns what takes the line away again.
 */
export function showProgress(mill: WaterMill, output: NodeJS.WriteStream = process.stdout): () => void {
  if (!output.isTTY) return () => {};
  const print = () => output.write(`\r\u001b[K${lineOf(mill)}`);
  print();
  const timer = setInterval(print, everyMs);
  return () => {
    clearInterval(timer);
    output.write('\r\u001b[K');
  };
}

function lineOf(mill: WaterMill): string {
  const { nodes, calls } = mill.progress();
  const parts = nodes.map(({ name, read, fraction }) => {
    const percent = fraction === undefined ? '' : ` (${Math.floor(fraction * 100)} %)`;
    return `${name} ${read}${percent}`;
  });
  return `${parts.join(', ')}, ${calls} calls`;
}

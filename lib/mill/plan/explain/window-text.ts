import type { WindowDescription } from '../../../joins/window.js';

/** A window in words: what it puts together, and when it is called. */
export function windowText(window: WindowDescription): string {
  switch (window.type) {
    case 'expression':
      return `adjacent elements with equal ${window.key}; closes when another key comes${window.onTimeout ? ', or onTimeout gives one' : ''}`;
    case 'hopping':
      return hoppingText(window);
    case 'sliding':
      return `for each element those with ${window.key} from its key - ${window.size} to its key, up to itself; called with that element`;
    case 'session':
      return `elements at most ${window.gap} apart by ${window.key}; closes when the next is further away`;
    case 'count':
      return `${window.size} elements each${overlap(window)}; counts survivors, closes with the last of them`;
    case 'batch':
      return `up to ${window.size} elements, or what there is after ${window.timeoutMs} ms; counts survivors`;
  }
}

/** What a window holds in memory: a bound, or that there is none. */
export function windowMemory(window: WindowDescription): string {
  switch (window.type) {
    case 'expression':
      return `the elements of the open window; unbounded while ${window.key} stays the same, a window by time or count is bounded`;
    case 'hopping':
      return `the elements of the open windows, each once: ${window.size} of ${window.key}`;
    case 'sliding':
      return `the elements of the last ${window.size} of ${window.key}, each once`;
    case 'session':
      return `the elements of the open session; unbounded while they are at most ${window.gap} apart, a window by time or count is bounded`;
    case 'count':
    case 'batch':
      return `at most ${window.size} elements${window.type === 'count' && window.every < window.size ? ', each once' : ''}`;
  }
}

/** From where a restart reads the master. */
export function windowRestart(window: WindowDescription): string {
  switch (window.type) {
    case 'sliding':
      return `reads from the oldest element of the last ${window.size}`;
    case 'count':
      return window.every > window.size
        ? 'reads from the first element of the last window, also while none is open'
        : 'reads from the first element of the oldest open window';
    default:
      return 'reads from the first element of the oldest open window';
  }
}

function hoppingText(window: Extract<WindowDescription, { type: 'hopping' }>): string {
  const { key, size, every, offset } = window;
  const shift = Number(offset) === 0 ? '' : `, shifted by ${offset}`;
  const what = every === size ? `tumbling, ${size} of ${key}` : `hopping, ${size} of ${key}, a new one every ${every}`;
  return `${what}${shift}; closes when a key reaches its end`;
}

function overlap({ size, every }: Extract<WindowDescription, { type: 'count' }>): string {
  return every === size ? '' : `, a new one every ${every}`;
}

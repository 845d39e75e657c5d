import type { WindowDescription } from '../../joins/window.js';

/** A window in words: what it puts together, and when it closes. */
export function windowText(window: WindowDescription): string {
  switch (window.type) {
    case 'expression':
      return `adjacent elements with equal ${window.key}; closes when another key comes${window.onTimeout ? ', or onTimeout gives one' : ''}`;
    case 'hopping':
      return hoppingText(window);
    case 'sliding':
      return `for each element those with ${window.key} from its key - ${window.size} to its key, up to itself`;
    case 'session':
      return `elements at most ${window.gap} apart by ${window.key}; closes when the next is further away`;
    case 'count': {
      const every = window.every === window.size ? '' : `, a new one every ${window.every}`;
      return `${window.size} elements each${every}; counts survivors`;
    }
    case 'batch':
      return `up to ${window.size} elements, or what there is after ${window.timeoutMs} ms; counts survivors`;
  }
}

function hoppingText(window: Extract<WindowDescription, { type: 'hopping' }>): string {
  const { key, size, every, offset } = window;
  const shift = Number(offset) === 0 ? '' : `, shifted by ${offset}`;
  const what = every === size ? `tumbling, ${size} of ${key}` : `hopping, ${size} of ${key}, a new one every ${every}`;
  return `${what}${shift}; closes when a key reaches its end`;
}

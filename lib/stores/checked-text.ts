const digits = 8;

/** Adds a checksum: the store itself checks only a part of what it reads. */
export function textWithCheck(text: string): string {
  return checkOf(text) + text;
}

/** Throws if a text does not match its checksum. */
export function checkedText(stored: string): string {
  const text = stored.slice(digits);
  if (checkOf(text) !== stored.slice(0, digits)) throw new Error('a row is not what was written');
  return text;
}

/** FNV-1a over code units. */
function checkOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(digits, '0');
}

const { message } = require('../../../dist/index.js');
const classes = import('./classes.mjs');

/** Of a tree: the element, and its group. */
exports.default = async function* sum(photo, found) {
  const { Label } = await classes;
  for (const other of found.of(photo)) yield message(Label, { id: other.size, text: `of ${photo.id}` });
};
Object.defineProperty(exports, '__esModule', { value: true });

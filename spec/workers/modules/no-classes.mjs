export default ({ id, taken }) => ({ id, text: String(taken?.getTime()) });

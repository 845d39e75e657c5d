/** How deep messages nest at most: a message made to overflow the stack is refused instead, at the same depth everywhere. */
export const deepest = 1000;

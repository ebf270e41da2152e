/** Messages as elements. */

/** An element with a class and children. */
export function element(tag: string, className = '', ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') {
    made.className = className;
  }
  made.append(...children);
  return made;
}

/** A message whose parts in backticks are code. */
export function messageNodes(message: string): Node[] {
  return message.split('\n').map(sentence => element('div', 'jp-hpolint-sentence', ...codeNodes(sentence)));
}

/** A sentence whose parts in backticks are code. */
export function codeNodes(sentence: string): Node[] {
  const parts = sentence.split('`');
  return parts.map((part, number) => (number % 2 === 1 ? element('code', '', part) : document.createTextNode(part)));
}

/** A button that says what it does. */
export function button(label: string, onClick: () => void, className = ''): HTMLButtonElement {
  const made = element('button', `jp-hpolint-button ${className}`.trim(), label) as HTMLButtonElement;
  made.type = 'button';
  made.addEventListener('click', event => {
    event.preventDefault();
    event.stopPropagation();
    onClick();
  });
  return made;
}

/** A count with its noun. */
export function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}

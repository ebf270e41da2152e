/** The tooltip of a finding: its sentences, the places that belong to it, and what can be done about it. */
import { askActions, cellNumber, IAction, IDiagnostic, isSameRange } from './api';
import { NotebookSession } from './session';
import { button, element, messageNodes } from './text';

const LABELS: Partial<Record<IAction['kind'], string>> = { ignore: 'Ignore here…', explain: 'Explain' };

export interface IHandlers {
  /** Do what an action says. */
  run(session: NotebookSession, action: IAction): Promise<void>;
  /** Open a file at a line, from 0. */
  open(path: string, line: number): Promise<void>;
  /** Tell the user something. */
  say(text: string): void;
}

/** The elements of a tooltip. What can be done is asked for when it is shown. */
export function findingNode(
  session: NotebookSession,
  cell: number,
  diagnostic: IDiagnostic,
  handlers: IHandlers
): HTMLElement {
  const node = element('div', 'jp-hpolint-message', ...messageNodes(diagnostic.message));
  node.append(element('div', 'jp-hpolint-rule', `${diagnostic.level} · ${diagnostic.code}`));
  for (const { location, name } of diagnostic.related) {
    node.append(relatedNode(session, location[0], location[1][0][0], name, handlers));
  }
  const actions = element('div', 'jp-hpolint-actions');
  node.append(actions);
  askActions(session.text(), session.preferences, cell, diagnostic.range)
    .then(found => {
      const own = found.filter(
        action => action.rule === diagnostic.code && action.place !== null && isSameRange(action.place, diagnostic.range)
      );
      actions.append(...own.map(action => actionButton(session, action, handlers)));
    })
    .catch(() => actions.append('What can be done is not known: the server does not answer.'));
  return node;
}

/** A button for an action. */
export function actionButton(session: NotebookSession, action: IAction, handlers: IHandlers): HTMLElement {
  const label = LABELS[action.kind] ?? (action.is_safe ? 'Fix' : 'Fix (unsafe)');
  const made = button(label, () => void handlers.run(session, action), action.is_safe ? 'jp-mod-preferred' : '');
  made.title = action.title;
  return made;
}

/** A link to a place in another cell or file. */
function relatedNode(
  session: NotebookSession,
  address: string,
  line: number,
  name: string,
  handlers: IHandlers
): HTMLElement {
  const number = cellNumber(address);
  const where = number === null ? `${address}:${line + 1}` : `cell ${number + 1}, line ${line + 1}`;
  const link = button(
    `${name.split('`').join('')} (${where})`,
    () => {
      if (number === null) {
        void handlers.open(address, line);
      } else {
        void session.reveal(number, [
          [line, 0],
          [line, 0]
        ]);
      }
    },
    'jp-hpolint-link'
  );
  return element('div', 'jp-hpolint-related', link);
}

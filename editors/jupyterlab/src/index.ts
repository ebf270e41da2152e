/** The plugin: findings of hpolint in notebooks, what can be done about them, and what jobs cost. */
import { linter } from '@codemirror/lint';
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';

import { askFixAll, cellNumber, IAction, Range, sayShown } from './api';
import { LEVELS } from './card';
import { HpolintPanel } from './panel';
import { changedText, IOptions, NotebookSession, viewOf } from './session';
import { count } from './text';
import { findingNode, IHandlers } from './tooltip';

const ID = 'jupyterlab-hpolint:plugin';

const COMMANDS = {
  next: 'hpolint:next-finding',
  show: 'hpolint:show-finding',
  fixAll: 'hpolint:fix-all'
};

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Findings of hpolint in notebooks.',
  autoStart: true,
  requires: [INotebookTracker, IEditorExtensionRegistry, IRenderMimeRegistry, IDocumentManager],
  optional: [ISettingRegistry, ICommandPalette, IStatusBar, ILayoutRestorer],
  activate
};

function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  extensions: IEditorExtensionRegistry,
  rendermime: IRenderMimeRegistry,
  documents: IDocumentManager,
  registry: ISettingRegistry | null,
  palette: ICommandPalette | null,
  statusBar: IStatusBar | null,
  restorer: ILayoutRestorer | null
): void {
  extensions.addExtension({
    name: 'hpolint:findings',
    factory: () => EditorExtensionRegistry.createImmutableExtension(linter(null))
  });

  let options: IOptions = { enabled: true, level: 'note', policy: '', cards: true };
  const sessions = new Map<NotebookPanel, NotebookSession>();
  const handlers: IHandlers = { run, open, say };
  const panel = new HpolintPanel(rendermime, handlers);
  app.shell.add(panel, 'right', { rank: 900, type: 'hpolint' });
  restorer?.add(panel, panel.id);
  const status = new Widget();
  status.addClass('jp-hpolint-status');
  status.addClass('jp-StatusBar-TextItem');
  statusBar?.registerStatusItem(ID, { item: status, align: 'left', rank: 900 });

  function current(): NotebookSession | null {
    const shown = tracker.currentWidget;
    return shown === null ? null : (sessions.get(shown) ?? null);
  }

  function showPanel(): void {
    app.shell.activateById(panel.id);
  }

  function showStatus(): void {
    const session = current();
    const levels = new Map<string, number>();
    const cells = session?.report?.cells ?? [];
    cells.forEach((_, cell) => {
      for (const { level } of session?.diagnosticsOf(cell) ?? []) {
        levels.set(level, (levels.get(level) ?? 0) + 1);
      }
    });
    const counts = LEVELS.filter(([level]) => levels.has(level)).map(([level, word]) =>
      count(levels.get(level) ?? 0, word)
    );
    const hasJobs = (session?.report?.jobs.length ?? 0) > 0;
    status.node.textContent = counts.length > 0 || hasJobs ? `hpolint: ${counts.join(', ') || 'no findings'}` : '';
  }

  tracker.widgetAdded.connect((_, shown) => {
    const session = new NotebookSession(
      shown,
      options,
      (own, cell, diagnostic) => findingNode(own, cell, diagnostic, handlers),
      showPanel
    );
    sessions.set(shown, session);
    shown.disposed.connect(() => sessions.delete(shown));
    session.changed.connect(() => {
      if (session === current()) {
        panel.refresh(session);
        showStatus();
      }
    });
  });
  tracker.currentChanged.connect(() => {
    panel.showSession(current());
    showStatus();
  });

  if (registry !== null) {
    registry
      .load(ID)
      .then(settings => {
        const take = (): void => {
          options = settings.composite as unknown as IOptions;
          sessions.forEach(session => (session.options = options));
          sayShown(options.enabled).catch(console.error);
        };
        settings.changed.connect(take);
        take();
      })
      .catch(console.error);
  } else {
    sayShown(options.enabled).catch(console.error);
  }

  async function run(session: NotebookSession, action: IAction): Promise<void> {
    if (action.kind === 'explain') {
      showPanel();
      await panel.explain(action.rule);
      return;
    }
    if (action.kind === 'ignore') {
      await ignore(session, action);
      return;
    }
    const files = Object.keys(action.changes).filter(address => cellNumber(address) === null);
    if (files.length > 0 && !(await mayChange(files))) {
      return;
    }
    for (const path of files) {
      await changeFile(path, action.changes[path]);
    }
    session.apply(action);
  }

  async function ignore(session: NotebookSession, action: IAction): Promise<void> {
    const asked = await InputDialog.getText({
      title: `Ignore ${action.rule}`,
      label: 'Reason, which is written beside the comment',
      placeholder: 'why it is meant'
    });
    if (!asked.button.accept) {
      return;
    }
    const reason = (asked.value ?? '').replace(/\s+/g, ' ').trim();
    const changes: IAction['changes'] = {};
    for (const [address, own] of Object.entries(action.changes)) {
      changes[address] = own.map(([range, text]) => [range, withReason(text, reason)]);
    }
    session.apply({ ...action, changes });
  }

  async function mayChange(files: string[]): Promise<boolean> {
    const asked = await showDialog({
      title: 'Change another file?',
      body: `The fix also changes ${files.join(', ')}.`,
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Change' })]
    });
    return asked.button.accept;
  }

  async function changeFile(path: string, changes: [range: Range, text: string][]): Promise<void> {
    const contents = app.serviceManager.contents;
    const file = await contents.get(path, { type: 'file', format: 'text', content: true });
    await contents.save(path, { ...file, content: changedText(file.content, changes) });
  }

  function say(text: string): void {
    Notification.info(`hpolint: ${text}`, { autoClose: 6000 });
  }

  async function open(path: string, line: number): Promise<void> {
    const opened = documents.openOrReveal(path);
    await opened?.context.ready;
    const editor = (opened?.content as { editor?: { setCursorPosition(place: object): void } } | undefined)?.editor;
    editor?.setCursorPosition({ line, column: 0 });
  }

  app.commands.addCommand(COMMANDS.next, {
    label: 'hpolint: Next Finding',
    isEnabled: () => current()?.report !== null,
    execute: async () => {
      const session = current();
      const place = session === null ? null : nextPlace(session);
      if (session !== null && place !== null) {
        await session.reveal(place.cell, place.range);
      }
    }
  });
  app.commands.addCommand(COMMANDS.show, {
    label: 'hpolint: Show Findings',
    execute: () => {
      panel.showSession(current());
      showPanel();
    }
  });
  app.commands.addCommand(COMMANDS.fixAll, {
    label: 'hpolint: Fix All Safe Findings',
    isEnabled: () => current()?.report !== null,
    execute: async () => {
      const session = current();
      if (session === null) {
        return;
      }
      const actions = await askFixAll(session.text(), session.preferences);
      if (actions.length === 0) {
        say('no finding has a safe fix');
      }
      for (const action of actions) {
        await run(session, action);
      }
    }
  });
  for (const command of Object.values(COMMANDS)) {
    palette?.addItem({ command, category: 'hpolint' });
  }
}

/** The first finding behind the cursor, or the first of the notebook. */
function nextPlace(session: NotebookSession): { cell: number; range: Range } | null {
  const notebook = session.panel.content;
  const cursor = cursorOf(session);
  const places: { cell: number; range: Range }[] = [];
  notebook.widgets.forEach((_, cell) => {
    const own = session.diagnosticsOf(cell).map(({ range }) => ({ cell, range }));
    own.sort((one, other) => one.range[0][0] - other.range[0][0] || one.range[0][1] - other.range[0][1]);
    places.push(...own);
  });
  const isBehind = ({ cell, range: [[line, character]] }: { cell: number; range: Range }): boolean =>
    cell > cursor.cell ||
    (cell === cursor.cell && (line > cursor.line || (line === cursor.line && character > cursor.character)));
  return places.find(isBehind) ?? places[0] ?? null;
}

/** The place of the cursor: before a cell that has no editor yet. */
function cursorOf(session: NotebookSession): { cell: number; line: number; character: number } {
  const notebook = session.panel.content;
  const cell = notebook.activeCellIndex;
  const active = notebook.activeCell;
  const view = active === null || notebook.mode !== 'edit' ? null : viewOf(active);
  if (view === null) {
    return { cell, line: -1, character: -1 };
  }
  const head = view.state.selection.main.head;
  const line = view.state.doc.lineAt(head);
  return { cell, line: line.number - 1, character: head - line.from };
}

/** An ignore comment with its reason, before the end of its line. */
function withReason(comment: string, reason: string): string {
  if (reason === '') {
    return comment;
  }
  const end = comment.endsWith('\n') ? '\n' : '';
  return `${comment.slice(0, comment.length - end.length)} ${reason}${end}`;
}

export default plugin;

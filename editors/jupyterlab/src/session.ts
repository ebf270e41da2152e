/** One open notebook: asks the server after each change and puts the answer into all of its cells. */
import { Diagnostic, setDiagnostics } from '@codemirror/lint';
import { EditorView } from '@codemirror/view';
import { Cell, ICellModel } from '@jupyterlab/cells';
import { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { PanelLayout } from '@lumino/widgets';

import {
  askReport,
  cellNumber,
  IAction,
  IDiagnostic,
  INotebookReport,
  INotebookText,
  Level,
  Position,
  Range,
  sayClosed
} from './api';
import { CardWidget } from './card';

/** The drive of jupyter-collaboration, whose files are the server's own. */
const SHARED_DRIVE = 'RTC';

/** Milliseconds without typing after which a notebook is checked. */
const WAIT_MS = 300;
const RANKS: Record<Level, number> = { note: 0, warning: 1, error: 2 };
const SEVERITIES: Record<Level, Diagnostic['severity']> = { error: 'error', warning: 'warning', note: 'info' };

export interface IOptions {
  enabled: boolean;
  level: Level;
  policy: string;
  cards: boolean;
}

/** What a finding's tooltip shows. */
export type Render = (session: NotebookSession, cell: number, diagnostic: IDiagnostic) => HTMLElement;

export class NotebookSession implements IDisposable {
  constructor(
    readonly panel: NotebookPanel,
    private _options: IOptions,
    private readonly _render: Render,
    private readonly _onFindings: () => void
  ) {
    panel.context.ready.then(() => this._start()).catch(console.error);
    panel.disposed.connect(this.dispose, this);
  }

  /** Emitted when another report is shown. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The last report; null before the first. */
  get report(): INotebookReport | null {
    return this._options.enabled ? this._report : null;
  }

  /** Why there is no report; empty if there is one. */
  get failure(): string {
    return this._failure;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  set options(options: IOptions) {
    this._options = options;
    this.check(0);
  }

  get preferences(): { policy: string } {
    return { policy: this._options.policy };
  }

  /** The findings of a cell that are shown. */
  diagnosticsOf(cell: number): IDiagnostic[] {
    const all = this.report?.cells[cell] ?? [];
    return all.filter(diagnostic => RANKS[diagnostic.level] >= RANKS[this._options.level]);
  }

  /** The notebook as it is now, without its outputs. */
  text(): INotebookText {
    const cells: INotebookText['cells'] = [];
    for (const model of this._models()) {
      const tags = model.getMetadata('tags');
      cells.push({
        text: model.sharedModel.getSource(),
        is_code: model.type === 'code',
        tags: Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : []
      });
    }
    const metadata = this.panel.content.model?.sharedModel.metadata ?? {};
    return { path: this._path(), cells, metadata: metadata as Record<string, unknown> };
  }

  /** Check after some milliseconds without another call. */
  check(wait = WAIT_MS): void {
    window.clearTimeout(this._timer);
    if (!this._isDisposed) {
      this._timer = window.setTimeout(() => void this._check(), wait);
    }
  }

  /** Make the changes of an action in the cells, as one step that can be undone. */
  apply(action: IAction): void {
    const shared = this.panel.content.model?.sharedModel;
    if (shared === undefined) {
      return;
    }
    shared.transact(() => {
      for (const [address, changes] of Object.entries(action.changes)) {
        const number = cellNumber(address);
        const cell = number === null ? undefined : shared.cells[number];
        for (const { start, end, text } of cell === undefined ? [] : edits(cell.getSource(), changes)) {
          cell?.updateSource(start, end, text); // not the whole text: the cursor stays where it is
        }
      }
    });
    this.check(0);
  }

  /** Go to a place in a cell. */
  async reveal(number: number, range: Range): Promise<void> {
    const notebook = this.panel.content;
    const cell = notebook.widgets[number];
    if (cell === undefined) {
      return;
    }
    notebook.activeCellIndex = number;
    await notebook.scrollToItem(number, 'smart');
    await cell.ready;
    const view = viewOf(cell);
    if (view !== null) {
      const from = offset(view, range[0]);
      view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      notebook.mode = 'edit';
      view.focus();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    Signal.clearData(this);
    sayClosed(this._lastPath).catch(() => undefined);
  }

  /** The notebook's path on the server. One of another drive gets a folder that is not there: no file belongs to it. */
  private _path(): string {
    const { path, localPath } = this.panel.context;
    const drive = /^([^/:]+):/.exec(path)?.[1] ?? '';
    return drive === '' || drive === SHARED_DRIVE ? localPath : `${drive}:/${localPath}`;
  }

  private _pathChanged(): void {
    sayClosed(this._lastPath).catch(() => undefined);
    this._lastPath = this._path();
    this.check(0);
  }

  private _models(): ICellModel[] {
    return Array.from(this.panel.content.model?.cells ?? []);
  }

  private _start(): void {
    const model = this.panel.content.model;
    if (this._isDisposed || model === null) {
      return;
    }
    model.contentChanged.connect(() => this._contentChanged(), this);
    model.cells.changed.connect(() => this._show(), this);
    this.panel.context.fileChanged.connect(() => this.check(0), this);
    this.panel.context.pathChanged.connect(() => this._pathChanged(), this);
    this._lastPath = this._path();
    this.check(0);
  }

  /** Outputs change, too: only another text is checked. */
  private _contentChanged(): void {
    const text = JSON.stringify(this.text());
    if (text !== this._lastText) {
      this._lastText = text;
      this.check();
    }
  }

  private async _check(): Promise<void> {
    if (!this._options.enabled) {
      this._show();
      return;
    }
    const text = this.text();
    const asked = (this._lastText = JSON.stringify(text));
    try {
      const report = await askReport(text, this.preferences);
      if (this._isDisposed || asked !== JSON.stringify(this.text())) {
        return; // overtaken by a newer text, which is checked after this one
      }
      this._failure = '';
      if (report.is_unreadable && this._report !== null && asked !== this._shownText) {
        return; // a text that is being typed: what was found before stays
      }
      this._report = report;
      this._shownText = asked;
    } catch (error) {
      this._failure = String(error);
    }
    this._show();
  }

  /** Put the findings into the editors of all cells, and the cards below the cells that launch. */
  private _show(): void {
    this.panel.content.widgets.forEach((cell, number) => {
      void cell.ready.then(() => this._showIn(cell, number));
    });
    this._showCards();
    this._changed.emit();
  }

  private _showIn(cell: Cell, number: number): void {
    const view = viewOf(cell);
    if (view === null || this._isDisposed || this.panel.content.widgets[number] !== cell) {
      return;
    }
    const shown = this.diagnosticsOf(number).map(diagnostic => this._shown(view, number, diagnostic));
    view.dispatch(setDiagnostics(view.state, shown));
  }

  private _shown(view: EditorView, cell: number, diagnostic: IDiagnostic): Diagnostic {
    const [start, end] = diagnostic.range;
    return {
      from: offset(view, start),
      to: offset(view, end),
      severity: SEVERITIES[diagnostic.level],
      source: 'hpolint',
      message: diagnostic.message.split('`').join(''),
      renderMessage: () => this._render(this, cell, diagnostic)
    };
  }

  private _showCards(): void {
    const jobs = this._options.cards ? (this.report?.jobs ?? []) : [];
    const kept = new Map<string, CardWidget>();
    for (const card of this._cards) {
      card.parent = null;
      kept.set(JSON.stringify(card.job), card);
    }
    this._cards = [];
    for (const job of jobs) {
      const number = cellNumber(job.location[0]);
      const layout = number === null ? null : this.panel.content.widgets[number]?.layout;
      if (layout instanceof PanelLayout) {
        const card = kept.get(JSON.stringify(job)) ?? new CardWidget(job, this._onFindings);
        layout.addWidget(card);
        this._cards.push(card);
      }
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _cards: CardWidget[] = [];
  private _report: INotebookReport | null = null;
  private _failure = '';
  private _lastPath = '';
  private _lastText = '';
  private _shownText = '';
  private _timer = 0;
  private _isDisposed = false;
}

/** The view of a cell's editor; null before it is made. */
export function viewOf(cell: Cell): EditorView | null {
  return cell.editor instanceof CodeMirrorEditor ? cell.editor.editor : null;
}

/** The offset of a place in an editor's text; that of the nearest place for one outside of it. */
function offset(view: EditorView, [line, character]: Position): number {
  const document = view.state.doc;
  const found = document.line(Math.min(line + 1, document.lines));
  return Math.min(found.from + character, found.to);
}

/** A part of a text, by the offsets of its characters, and what takes its place. */
interface IEdit {
  start: number;
  end: number;
  text: string;
}

/** Changes of a text that do not overlap, by offsets, the last one first. */
function edits(text: string, changes: [range: Range, text: string][]): IEdit[] {
  const lines = text.split('\n');
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  const place = ([line, character]: Position): number =>
    line < lines.length ? starts[line] + Math.min(character, lines[line].length) : text.length;
  const found = changes.map(([[start, end], own]) => ({ start: place(start), end: place(end), text: own }));
  return found.sort((one, other) => other.start - one.start);
}

/** A text with some changes, which do not overlap. */
export function changedText(text: string, changes: [range: Range, text: string][]): string {
  let changed = text;
  for (const { start, end, text: own } of edits(text, changes)) {
    changed = changed.slice(0, start) + own + changed.slice(end);
  }
  return changed;
}

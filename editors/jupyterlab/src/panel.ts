/** The side panel: the jobs of the notebook, its findings, pictures of its ranges, and the page of a rule. */
import { IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

import { PathExt } from '@jupyterlab/coreutils';

import { askFolder, askRule, askScale, cellNumber, IFolderJob, IRangePicture } from './api';
import { LEVELS } from './card';
import { NotebookSession } from './session';
import { findingNode, IHandlers } from './tooltip';
import { button, codeNodes, count, element } from './text';

const ORDER = LEVELS.map(([level]) => level);

export class HpolintPanel extends Widget {
  constructor(
    private readonly _rendermime: IRenderMimeRegistry,
    private readonly _handlers: IHandlers
  ) {
    super();
    this.id = 'jp-hpolint-panel';
    this.addClass('jp-hpolint-panel');
    this.title.label = 'hpolint';
    this.title.caption = 'hpolint: tuning jobs of the notebook';
    this.node.setAttribute('role', 'complementary');
    this.node.setAttribute('aria-label', 'hpolint');
  }

  /** Show what is known of a notebook; null for none. Nothing is asked for while the panel is hidden. */
  showSession(session: NotebookSession | null): void {
    this._session = session;
    this._rule = '';
    if (this.isVisible) {
      this._fill();
    }
  }

  protected onAfterShow(): void {
    if (this._rule === '') {
      this._fill();
    }
  }

  /** Show what is known of the same notebook now, unless the page of a rule is read. */
  refresh(session: NotebookSession): void {
    if (this._rule === '' || session !== this._session) {
      this.showSession(session);
    }
  }

  /** Show the page of a rule, which the server has without a network. */
  async explain(rule: string): Promise<void> {
    this._rule = rule;
    const back = button('Back to the findings', () => this.showSession(this._session));
    const renderer = this._rendermime.createRenderer('text/markdown');
    try {
      const text = await askRule(rule);
      await renderer.renderModel(new MimeModel({ data: { 'text/markdown': text } }));
      this.node.replaceChildren(back, renderer.node);
    } catch (error) {
      this.node.replaceChildren(back, element('p', '', `The page of ${rule} cannot be shown: ${String(error)}`));
    }
    this.node.scrollTop = 0;
  }

  private _fill(): void {
    const session = this._session;
    const report = session?.report ?? null;
    if (session === null || report === null) {
      const why = session?.failure ? `The check failed: ${session.failure}` : 'No notebook is checked.';
      this.node.replaceChildren(element('p', '', why));
      return;
    }
    const parts: Node[] = [];
    if (report.error !== null) {
      parts.push(element('p', 'jp-hpolint-finding jp-mod-error', `The configuration is invalid: ${report.error}`));
    }
    parts.push(element('h3', '', report.jobs.length === 0 ? 'No tuning job' : count(report.jobs.length, 'tuning job')));
    for (const job of report.jobs) {
      const link = button(job.title.split('`').join(''), () => this._reveal(job.location[0], job.location[1][0][0]));
      parts.push(element('p', '', link, ` ${job.worst} · ${job.size}`));
    }
    parts.push(...this._findings(session));
    parts.push(...report.ranges.map(picture => this._picture(picture)));
    if (session !== this._folderOf) {
      this._folderOf = session;
      this._folderNode = this._folder(session);
    }
    parts.push(this._folderNode);
    this.node.replaceChildren(...parts);
  }

  private _findings(session: NotebookSession): Node[] {
    const found: { cell: number; rank: number; node: HTMLElement }[] = [];
    (session.report?.cells ?? []).forEach((_, cell) => {
      for (const diagnostic of session.diagnosticsOf(cell)) {
        const line = diagnostic.range[0][0];
        const link = button(`Cell ${cell + 1}, line ${line + 1}`, () => void session.reveal(cell, diagnostic.range));
        const node = element('div', `jp-hpolint-finding jp-mod-${diagnostic.level}`, link);
        node.append(findingNode(session, cell, diagnostic, this._handlers));
        found.push({ cell, rank: ORDER.indexOf(diagnostic.level), node });
      }
    });
    found.sort((one, other) => one.rank - other.rank || one.cell - other.cell);
    return [element('h3', '', count(found.length, 'finding')), ...found.map(({ node }) => node)];
  }

  private _picture(picture: IRangePicture): HTMLElement {
    const title = element('h3', '', ...codeNodes(`Trials of \`${picture.name}\` on each scale`));
    const figure = element('div', 'jp-hpolint-picture');
    const parsed = new DOMParser().parseFromString(picture.svg, 'image/svg+xml').documentElement;
    figure.append(document.importNode(parsed, true));
    const section = element('section', '', title, figure);
    if (picture.best.length > 0) {
      const values = picture.best.map(value => String(value)).join(', ');
      section.append(element('div', 'jp-hpolint-rule', `Best in this notebook's outputs: ${values}`));
    }
    section.append(this._scales(picture));
    return section;
  }

  /** Buttons that write another scale into the notebook. */
  private _scales(picture: IRangePicture): HTMLElement {
    const group = element('div', 'jp-hpolint-actions');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', `Scale of ${picture.name}`);
    for (const scale of picture.scales) {
      const made = button(scale, () => void this._setScale(picture, scale));
      made.setAttribute('aria-pressed', String(scale === picture.scale));
      made.classList.toggle('jp-mod-preferred', scale === picture.scale);
      made.title = `Search ${picture.name} on this scale`;
      group.append(made);
    }
    return group;
  }

  private async _setScale(picture: IRangePicture, scale: string): Promise<void> {
    const session = this._session;
    const cell = cellNumber(picture.location[0]);
    if (session === null || cell === null) {
      return;
    }
    const { changes, reason } = await askScale(session.text(), session.preferences, cell, picture.location[1], scale);
    if (reason !== '') {
      this._handlers.say(`The scale cannot be written: ${reason}`);
      return;
    }
    await this._handlers.run(session, {
      title: `Set the scale of ${picture.name}`,
      kind: 'fix',
      place: null,
      rule: '',
      changes,
      is_safe: false,
      page: ''
    });
  }

  /** The jobs of the notebook's folder, which are looked for only when somebody asks. */
  private _folder(session: NotebookSession): HTMLElement {
    const path = PathExt.dirname(session.panel.context.localPath);
    const list = element('div');
    const ask = button('List the jobs of this folder', () => {
      ask.disabled = true;
      list.replaceChildren('Reading the folder…');
      askFolder(path)
        .then(jobs => {
          const nodes = jobs.map(job => this._folderJob(path, job));
          list.replaceChildren(...(nodes.length > 0 ? nodes : ['No tuning job']));
        })
        .catch(error => list.replaceChildren(`The folder cannot be read: ${String(error)}`))
        .finally(() => (ask.disabled = false));
    });
    return element('section', '', element('h3', '', 'Folder'), ask, list);
  }

  private _folderJob(folder: string, job: IFolderJob): HTMLElement {
    const path = PathExt.join(folder, job.path);
    const link = button(job.name, () => void this._handlers.open(path, job.line), 'jp-hpolint-link');
    const hours = job.hours === null ? 'no known limit' : `≤ ${job.hours.toLocaleString('en')} h`;
    const money = job.money === null ? '' : ` · ≈ ${Math.round(job.money).toLocaleString('en')} ${job.currency}`;
    const levels = LEVELS.filter(([level]) => (job.levels[level] ?? 0) > 0);
    const counts = levels.map(([level, word]) => count(job.levels[level] ?? 0, word)).join(', ');
    return element('p', '', link, ` ${job.path}: ${hours}${money}${counts === '' ? '' : ` · ${counts}`}`);
  }

  private _reveal(address: string, line: number): void {
    const number = cellNumber(address);
    if (number !== null) {
      void this._session?.reveal(number, [
        [line, 0],
        [line, 0]
      ]);
    }
  }

  private _session: NotebookSession | null = null;
  private _folderOf: NotebookSession | null = null;
  private _folderNode: Node = document.createTextNode('');
  private _rule = '';
}

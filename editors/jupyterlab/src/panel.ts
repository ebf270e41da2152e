/** The side panel: the jobs of the notebook, its findings, pictures of its ranges, and the page of a rule. */
import { IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

import { askRule, cellNumber, IRangePicture } from './api';
import { LEVELS, sizeText } from './card';
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
      parts.push(element('p', '', link, ` ${job.worst} · ${sizeText(job)}`));
    }
    parts.push(...this._findings(session));
    parts.push(...report.ranges.map(picture => this._picture(picture)));
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
    return element('section', '', title, figure);
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
  private _rule = '';
}

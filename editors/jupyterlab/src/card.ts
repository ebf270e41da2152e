/** The card below a cell that launches a tuning job. It is never saved with the notebook. */
import { Widget } from '@lumino/widgets';

import { IJobCard, Level } from './api';
import { button, codeNodes, count, element } from './text';

const MAX_ROUNDS = 24;

/** What the levels of a job's findings are called, from the worst on. */
export const LEVELS: [Level, string][] = [
  ['error', 'error'],
  ['warning', 'warning'],
  ['note', 'note']
];

export class CardWidget extends Widget {
  constructor(
    readonly job: IJobCard,
    private readonly _onFindings: () => void
  ) {
    super();
    this.addClass('jp-hpolint-card');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', `hpolint: ${job.title.split('`').join('')}`);
    this._fill();
  }

  private _fill(): void {
    const details = element('details', 'jp-hpolint-card-details') as HTMLDetailsElement;
    details.open = true;
    details.append(this._summary(), this._body());
    this.node.replaceChildren(details);
  }

  private _summary(): HTMLElement {
    const summary = element('summary', 'jp-hpolint-card-summary');
    const { job } = this;
    summary.append(element('span', 'jp-hpolint-card-title', ...codeNodes(job.title)));
    summary.append(element('span', 'jp-hpolint-card-cost', job.worst === '' ? 'worst case unknown' : job.worst));
    for (const [level, word] of LEVELS) {
      const number = job.levels[level] ?? 0;
      if (number > 0) {
        summary.append(element('span', `jp-hpolint-level jp-mod-${level}`, count(number, word)));
      }
    }
    return summary;
  }

  private _body(): HTMLElement {
    const body = element('div', 'jp-hpolint-card-body');
    if (this.job.size !== '') {
      body.append(element('div', '', this.job.size));
    }
    const timeline = roundsPicture(this.job);
    if (timeline !== null) {
      body.append(timeline);
    }
    body.append(element('div', '', 'Worst case: every trial runs until it is stopped.'));
    if (this.job.spot !== null) {
      const spot = this.job.spot ? 'Spot instances are used.' : 'Spot instances are not used.';
      body.append(element('div', '', spot));
    }
    if (this.job.unknown.length > 0) {
      const list = element('ul', 'jp-hpolint-card-unknown');
      for (const sentence of this.job.unknown) {
        list.append(element('li', '', ...codeNodes(sentence)));
      }
      const more = this.job.more_unknown;
      if (more > 0) {
        list.append(element('li', '', `and ${count(more, 'further value')}`));
      }
      body.append(element('div', '', 'Not known, so that some rules are not decided:'), list);
    }
    if (Object.keys(this.job.levels).length > 0) {
      body.append(button('Show findings', this._onFindings));
    }
    return body;
  }
}

/** The rounds of a job as a row of bars, each as high as the trials in it; null for a job of unknown size. */
function roundsPicture(job: IJobCard): HTMLElement | null {
  const { trials, parallel, rounds } = job;
  if (trials === null || parallel === null || rounds === null || rounds > MAX_ROUNDS || parallel <= 0) {
    return null;
  }
  const picture = element('div', 'jp-hpolint-rounds');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', `${count(rounds, 'round')} of up to ${count(parallel, 'trial')}`);
  for (let round = 0; round < rounds; round++) {
    const inRound = Math.max(0, Math.min(parallel, trials - round * parallel));
    const bar = element('span', 'jp-hpolint-round');
    bar.style.height = `${Math.round((100 * inRound) / parallel)}%`;
    bar.title = `Round ${round + 1}: ${count(inRound, 'trial')}`;
    picture.append(bar);
  }
  return picture;
}

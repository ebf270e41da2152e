/** What the server answers, and how it is asked. Lines and characters count from 0, characters as JavaScript does. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export type Level = 'error' | 'warning' | 'note';
export type Position = [line: number, character: number];
export type Range = [start: Position, end: Position];

/** A place: `cell:` and the number of a cell, or the path of a file. */
export type Location = [address: string, range: Range];

export interface IDiagnostic {
  range: Range;
  /** A sentence a line. */
  message: string;
  level: Level;
  /** The rule's id. */
  code: string;
  /** The address of the rule's page; empty for rules of one's own. */
  page: string;
  related: { location: Location; name: string }[];
}

export interface IJobCard {
  location: Location;
  title: string;
  trials: number | null;
  parallel: number | null;
  rounds: number | null;
  size: string;
  worst: string;
  spot: boolean | null;
  levels: Partial<Record<Level, number>>;
  unknown: string[];
  more_unknown: number;
}

export interface IRangePicture {
  location: Location;
  name: string;
  scale: string | null;
  svg: string;
  text: string;
  best: number[];
  scales: string[];
}

export interface IScaleChange {
  changes: IAction['changes'];
  /** Why the scale cannot be written; empty if it can. */
  reason: string;
}

export interface IFolderJob {
  path: string;
  line: number;
  name: string;
  hours: number | null;
  money: number | null;
  currency: string;
  levels: Partial<Record<Level, number>>;
}

export interface INotebookReport {
  cells: IDiagnostic[][];
  jobs: IJobCard[];
  ranges: IRangePicture[];
  notices: string[];
  error: string | null;
  is_unreadable: boolean;
}

export interface IAction {
  title: string;
  kind: 'fix' | 'ignore' | 'explain' | 'fix-all';
  place: Range | null;
  rule: string;
  changes: Record<string, [range: Range, text: string][]>;
  is_safe: boolean;
  page: string;
}

export interface INotebookText {
  path: string;
  cells: { text: string; is_code: boolean; tags: string[] }[];
  metadata: Record<string, unknown>;
}

export interface IPreferences {
  policy: string;
}

/** The number of the cell that an address names; null for a file. */
export function cellNumber(address: string): number | null {
  const match = /^cell:(\d+)$/.exec(address);
  return match === null ? null : Number(match[1]);
}

/** Whether two ranges are equal. */
export function isSameRange(one: Range, other: Range): boolean {
  return one.flat().join() === other.flat().join();
}

async function ask<T>(name: string, init: RequestInit): Promise<T> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, 'hpolint', name);
  const response = await ServerConnection.makeRequest(url, init, settings);
  if (!response.ok) {
    throw new ServerConnection.ResponseError(response);
  }
  return response.json();
}

function post<T>(name: string, body: unknown): Promise<T> {
  return ask<T>(name, { method: 'POST', body: JSON.stringify(body) });
}

/** What is known of a notebook. */
export function askReport(notebook: INotebookText, preferences: IPreferences): Promise<INotebookReport> {
  return post('notebook', { notebook, preferences });
}

/** What can be done about the findings at a place. */
export function askActions(
  notebook: INotebookText,
  preferences: IPreferences,
  cell: number,
  range: Range
): Promise<IAction[]> {
  return post('actions', { notebook, preferences, cell, range });
}

/** The action that applies all safe fixes; none without one. */
export function askFixAll(notebook: INotebookText, preferences: IPreferences): Promise<IAction[]> {
  return post('actions', { notebook, preferences });
}

/** The changes that give the range at a place another scale. */
export function askScale(
  notebook: INotebookText,
  preferences: IPreferences,
  cell: number,
  range: Range,
  scale: string
): Promise<IScaleChange> {
  return post('scale', { notebook, preferences, cell, range, scale });
}

/** The jobs below a folder, the most expensive first. */
export function askFolder(path: string): Promise<IFolderJob[]> {
  return ask(`folder?path=${encodeURIComponent(path)}`, { method: 'GET' });
}

/** Say whether findings are shown, so that nobody else shows those of notebooks. */
export function sayShown(isShown: boolean): Promise<null> {
  return post('shown', isShown);
}

/** Let a notebook's file count again. */
export function sayClosed(path: string): Promise<null> {
  return post(`close?path=${encodeURIComponent(path)}`, null);
}

/** A rule's page as Markdown. */
export function askRule(id: string): Promise<string> {
  return ask(`rule?id=${encodeURIComponent(id)}`, { method: 'GET' });
}

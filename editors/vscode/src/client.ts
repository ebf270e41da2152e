/** The client of one server process. */

import { ChildProcess, spawn } from "child_process";
import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, LanguageClientOptions } from "vscode-languageclient/node";
import { FILES } from "./candidates";
import { Command } from "./command";
import { isAboutNotebook } from "./fixes";
import { Level, Settings } from "./settings";

const LEVELS: readonly Level[] = ["error", "warning", "info", "debug"];
const MAX_RESTARTS = 2;
const RESTART_MILLISECONDS = 3 * 60_000;
const MAX_STDERR_CHARACTERS = 10_000;
const OPEN_PAGE = "hpolint.openPage";

// By ending, because the languages of some files need other extensions; by language where there is no file yet.
const SELECTOR: LanguageClientOptions["documentSelector"] = [
  { scheme: "file", pattern: FILES },
  { scheme: "file", pattern: "**/{hpolint.toml,pyproject.toml}" },
  { scheme: "file", language: "markdown" },
  ...["python", "json", "yaml"].map(language => ({ scheme: "untitled", language })),
  { notebook: { scheme: "file", notebookType: "jupyter-notebook" }, language: "python" },
  { notebook: { scheme: "untitled", notebookType: "jupyter-notebook" }, language: "python" },
];

/** What the window learns of a server that runs. */
export interface Observer {
  /** The server reports an error of its own, such as a setting that does not exist. */
  onError(message: string): void;
  /** The server has ended by itself, and is not started again. */
  onEnd(message: string): void;
  /** A rule's page is to be shown. */
  onPage(address: string): void;
}

/** A client that writes to its output what the setting `hpolint.logLevel` asks for. */
export class Client extends LanguageClient {
  private readonly server: Server;

  constructor(
    command: Command,
    private readonly settings: Settings,
    output: vscode.OutputChannel,
    private readonly observer: Observer,
  ) {
    const server = new Server(command, observer);
    super("hpolint", "hpolint", () => server.start(), options(settings, output, observer, server));
    this.server = server;
  }

  /** What the server has written before it ended. */
  get complaint(): string {
    return this.server.complaint;
  }

  override async start(): Promise<void> {
    await super.start();
    this.server.hasStarted = true;
  }

  override debug(message: string, data?: unknown): void {
    this.write("debug", () => super.debug(message, data, false));
  }

  override info(message: string, data?: unknown): void {
    this.write("info", () => super.info(message, data, false));
  }

  override warn(message: string, data?: unknown): void {
    this.write("warning", () => super.warn(message, data, false));
  }

  // Nothing is shown over the text: the status item says that there is an error.
  override error(message: string, data?: unknown): void {
    this.write("error", () => super.error(message, data, false));
    if (this.isRunning()) {
      this.observer.onError(message);
    }
  }

  private write(level: Level, write: () => void): void {
    if (LEVELS.indexOf(level) <= LEVELS.indexOf(this.settings.logLevel)) {
      write();
    }
  }
}

/** The process. One that ends is started again, unless it ends again and again or never began. */
class Server {
  hasStarted = false;
  private readonly endings: number[] = [];
  private stderr = "";

  constructor(
    private readonly command: Command,
    private readonly observer: Observer,
  ) {}

  get complaint(): string {
    return this.stderr.trim();
  }

  start(): Promise<ChildProcess> {
    const { file, args } = this.command;
    const child = spawn(file, [...args, "server"], { cwd: workingFolder() });
    this.stderr = "";
    child.stderr.on("data", (data: Buffer) => {
      this.stderr = (this.stderr + data.toString()).slice(-MAX_STDERR_CHARACTERS);
    });
    child.stdin.on("error", () => undefined); // it has ended: the client is told so
    return new Promise((resolve, reject) => {
      child.on("spawn", () => resolve(child));
      child.on("error", reject);
    });
  }

  /** Whether the process, which has just ended, is to be started again. */
  ended(): boolean {
    const now = Date.now();
    this.endings.push(now);
    const recent = this.endings.filter(time => now - time < RESTART_MILLISECONDS);
    if (!this.hasStarted) {
      return false;
    }
    if (recent.length <= MAX_RESTARTS) {
      return true;
    }
    this.observer.onEnd(`The server has ended ${recent.length} times in three minutes.`);
    return false;
  }
}

function options(
  settings: Settings,
  output: vscode.OutputChannel,
  observer: Observer,
  server: Server,
): LanguageClientOptions {
  return {
    documentSelector: SELECTOR,
    outputChannel: output,
    initializationOptions: initializationOptions(settings),
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: server.ended() ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true }),
    },
    middleware: {
      executeCommand: (command, args, next) => {
        if (command === OPEN_PAGE && typeof args[0] === "string") {
          observer.onPage(args[0]);
          return undefined;
        }
        return next(command, args);
      },
      provideCodeActions: (document, range, context, token, next) =>
        isAboutNotebook(context) ? [] : next(document, range, context, token),
      // The client would ask every two seconds. `FolderCheck` asks once.
      provideWorkspaceDiagnostics: () => ({ items: [] }),
    },
  };
}

function initializationOptions(settings: Settings): Record<string, unknown> {
  const { policy, config, overrides } = settings;
  const asked: Record<string, unknown> = { settings: overrides, pictures: true };
  if (policy !== "") {
    asked.policy = policy;
  }
  if (config !== "") {
    asked.config = config;
  }
  return asked;
}

/** The folder that relative paths of the settings are in. */
export function workingFolder(): string | undefined {
  return vscode.workspace.workspaceFolders?.find(folder => folder.uri.scheme === "file")?.uri.fsPath;
}

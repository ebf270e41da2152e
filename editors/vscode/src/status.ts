/** The item in the status bar. */

import * as vscode from "vscode";
import { Idle, State } from "./session";

/** Shows what the server does. There is none as long as there is nothing to check. */
export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("hpolint.status", vscode.StatusBarAlignment.Right);

  constructor() {
    this.item.name = "hpolint";
    this.item.command = "hpolint.menu";
  }

  dispose(): void {
    this.item.dispose();
  }

  show(state: State): void {
    if (state.kind === "idle") {
      this.item.hide();
      return;
    }
    this.render(state);
    this.item.show();
  }

  private render(state: Exclude<State, Idle>): void {
    this.item.backgroundColor = undefined;
    if (state.kind === "starting") {
      this.item.text = "$(loading~spin) hpolint";
      this.item.tooltip = "hpolint starts";
    } else if (state.kind === "failed") {
      this.item.text = "$(error) hpolint";
      this.item.tooltip = state.reason;
      this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
    } else if (state.error !== undefined) {
      this.item.text = "$(warning) hpolint";
      this.item.tooltip = state.error;
      this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
    } else {
      this.item.text = "$(check) hpolint";
      this.item.tooltip = `hpolint ${state.version} checks the open documents`;
    }
  }
}

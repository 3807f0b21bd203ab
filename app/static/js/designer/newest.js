// The newest published version: what changed since, and which ids can no longer be given up.
import { idsOf, typesOf } from './model/ids.js';

export class Newest {
  constructor(editor, call) {
    this.editor = editor;
    this.call = call;
    this.content = null;
  }

  async load() {
    const { boot } = this.editor;
    if (!boot.published) return;
    try {
      const [first] = await this.call('GET', boot.urls.versions);
      if (first) this.know((await this.call('GET', boot.urls.version.replace('{id}', first.id))).content);
    } catch {
      this.editor.tell(this.editor.t('version_unknown')); // until a reload everything counts as published
    }
  }

  know(content) {
    this.content = content;
    this.editor.set({ publishedIds: idsOf(content), publishedTypes: typesOf(content) });
  }

  /** A version was published just now. */
  put(answer, content) {
    this.editor.boot.published = { version: answer.version, at: answer.at };
    this.editor.set({ live: content });
    this.know(content);
  }
}

// What is left of a designer's page whose drawing failed.
import { Component } from 'react';

/** Where drawing the page failed: what was edited is saved, and a reload brings it back. */
export class Fallen extends Component {
  state = { fallen: false };

  static getDerivedStateFromError() {
    return { fallen: true };
  }

  componentDidCatch() {
    this.props.saver.now();
  }

  render() {
    if (!this.state.fallen) return this.props.children;
    const { t } = this.props.editor;
    return <main className="fallen" role="alert"><h1>{t('fallen')}</h1><p>{t('fallen_how')}</p><button type="button" className="btn primary" onClick={() => location.reload()}>{t('reload')}</button></main>;
  }
}

// The one file that knows React Flow. It pans, zooms, hit-tests, drags and connects; what stands where and how it looks is ours.
//
// Nodes and lines come as plain objects and are translated once each: React Flow is fast only if what did not change is the very
// same object. During a drag only the dragged nodes change; the definition hears of it when they are let go. It does not get the
// lines at all: four hundred of its own, each an element that listens to everything, cost more than all the rest of a drag.
import { Handle, Position, ReactFlow, ReactFlowProvider, useReactFlow, useStore, useUpdateNodeInternals, ViewportPortal } from '@xyflow/react';
import { createContext, memo, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { lasso } from './lasso.js';

const ZOOM = { min: 0.06, max: 1.6 };
const MANY = 120; // from so many on only what is seen is there at all
const translated = new WeakMap();
const BARE = { 'aria-roledescription': undefined }; // what a card is, the card itself says

/** One of our nodes {id, piece, x, y, w, h, ports: [{id, x}], entry: {x, y} | null, data, selected, label} as React Flow wants it. */
function asNode(one) {
  if (!translated.has(one)) {
    translated.set(one, {
      id: one.id, type: one.piece, position: { x: one.x, y: one.y }, width: one.w, height: one.h, measured: { width: one.w, height: one.h },
      data: one, selected: one.selected, draggable: one.movable, selectable: false, connectable: one.movable, focusable: false, domAttributes: BARE, zIndex: one.selected ? 5 : 0,
    });
  }
  return translated.get(one);
}

const Reach = createContext(false);

/** Ways in and out that a line can be drawn from and to; only where one can be drawn. */
export const Docks = memo(function Docks({ node }) {
  if (!useContext(Reach)) return null;
  return (
    <>
      {node.entry && <Handle type="target" id="in" position={Position.Top} className="dot-in" style={{ left: node.entry.x }} />}
      {node.ports.map((port) => <Handle key={port.id} type="source" id={port.id} position={Position.Bottom} className="dot-out" style={{ left: port.x }} title={port.label || undefined} />)}
    </>
  );
});

/** `pieces`: name → component of a node ({data: our node}); `line`: component of a line ({data, x1, y1, x2, y2}).
    `hand`: {picked(id, event), framed({x, y, w, h}), empty(), moved(id → {x, y}), connected(source, port, target), mayConnect(...), refused(...), opened(id)}. */
export const Board = memo(function Board(props) {
  return <ReactFlowProvider><Inner {...props} /></ReactFlowProvider>;
});

function Inner({ nodes, edges, pieces, line, hand, free, view, words, children }) {
  const flow = useReactFlow();
  const box = useRef(null);
  const [carried, setCarried] = useState(null); // id → {x, y} during a drag
  const [far, setFar] = useState(false);
  const nodeTypes = useMemo(() => Object.fromEntries(Object.entries(pieces).map(([name, Piece]) => [name, memo(function Node({ data }) { return <Piece node={data} />; })])), [pieces]);
  const shown = useMemo(() => nodes.map((one) => {
    const base = asNode(one);
    const at = carried?.get(one.id);
    return at ? { ...base, position: at } : base;
  }), [nodes, carried]);
  const measure = useUpdateNodeInternals();
  const live = free && !far;
  useEffect(() => {
    if (live) measure(nodes.map((one) => one.id)); // where its ways in and out are, which were not there before
  }, [live, nodes, measure]);
  useEffect(() => {
    view.current = {
      // the middle of what is to be seen, with the room that stands over the canvas left out
      center: (x, y, { zoom, left = 0, right = 0, bottom = 0, animate = true } = {}) => {
        const to = zoom || flow.getZoom();
        return flow.setCenter(x + (right - left) / 2 / to, y + bottom / 2 / to, { zoom: to, duration: animate ? still() : 0 });
      },
      pan: (dx, dy) => {
        const { x, y, zoom } = flow.getViewport();
        return flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: still() });
      },
      place: (x, y, zoom, animate = false) => flow.setViewport({ x, y, zoom }, { duration: animate ? still() : 0 }),
      fit: ({ x, y, w, h }, animate = true) => flow.fitBounds({ x, y, width: w, height: h }, { padding: 0.06, duration: animate ? still() : 0 }),
      zoom: (by) => flow.zoomTo(Math.min(Math.max(flow.getZoom() * by, ZOOM.min), ZOOM.max), { duration: still() }),
      scale: () => flow.getZoom(),
      here: (x, y) => flow.screenToFlowPosition({ x, y }),
      there: (x, y) => flow.flowToScreenPosition({ x, y }),
      size: () => ({ w: box.current.clientWidth, h: box.current.clientHeight }),
    };
  }, [flow, view]);
  const changed = useCallback((changes) => {
    const moves = changes.filter((change) => change.type === 'position' && change.dragging && change.position);
    if (moves.length) setCarried((before) => new Map([...(before || []), ...moves.map((move) => [move.id, move.position])]));
  }, []);
  const dropped = useCallback((_, __, dragged) => {
    setCarried(null);
    hand.moved(Object.fromEntries(dragged.map((one) => [one.id, one.position])));
  }, [hand]);
  const [drawn, setDrawn] = useState(null); // the frame that chooses, as parts of the board
  useEffect(() => lasso(box.current, {
    mayBegin: (target) => target.matches('.react-flow__pane'),
    frame: (one) => {
      const { left, top } = box.current.getBoundingClientRect();
      setDrawn(one && { left: one.x - left, top: one.y - top, width: one.w, height: one.h });
    },
    done: (one) => {
      const { x, y } = flow.screenToFlowPosition({ x: one.x, y: one.y });
      hand.framed({ x, y, w: one.w / flow.getZoom(), h: one.h / flow.getZoom() });
    },
  }), [flow, hand]);
  const tried = useRef('');
  return (
    <div ref={box} className={`board${free ? ' free' : ''}${carried ? ' dragging' : ''}`}>
      <Scale box={box} far={setFar} />
      <Reach value={live}>
      <ReactFlow
        nodes={shown} edges={NONE} nodeTypes={nodeTypes} onNodesChange={changed} minZoom={ZOOM.min} maxZoom={ZOOM.max}
        nodesDraggable={free} nodesConnectable={free} nodesFocusable={false} edgesFocusable={false} elementsSelectable={false} disableKeyboardA11y deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null} panActivationKeyCode={null}
        onlyRenderVisibleElements={nodes.length > MANY} panOnScroll zoomOnDoubleClick={false} proOptions={{ hideAttribution: true }} nodeDragThreshold={4} connectionRadius={34} ariaLabelConfig={words}
        onNodeClick={(event, node) => hand.picked(node.id, event)} onNodeDoubleClick={(event, node) => hand.opened(node.id)} onPaneClick={hand.empty} onNodeDragStop={dropped}
        onConnect={({ source, sourceHandle, target }) => hand.connected(source, sourceHandle, target)}
        isValidConnection={({ source, sourceHandle, target }) => {
          tried.current = hand.refusal(source, sourceHandle, target);
          return !tried.current;
        }}
        onConnectStart={() => { tried.current = ''; }}
        onConnectEnd={(event, state) => {
          if (!state.isValid && state.toNode && tried.current) hand.refused(tried.current);
          else if (!state.isValid && !state.toNode && state.fromHandle?.type === 'source') hand.loose(state.fromNode.id, state.fromHandle.id, { x: (event.changedTouches?.[0] || event).clientX, y: (event.changedTouches?.[0] || event).clientY });
        }}
      >
        <ViewportPortal><Lines nodes={nodes} edges={edges} carried={carried} line={line} /></ViewportPortal>
        {children}
      </ReactFlow>
      </Reach>
      {drawn && <i className="lasso" style={drawn} />}
    </div>
  );
}

const NONE = [];

/** All lines in one drawing below the cards. Each knows its two ends; only those at a dragged card are drawn again. */
function Lines({ nodes, edges, carried, line: Line }) {
  const by = useMemo(() => new Map(nodes.map((one) => [one.id, one])), [nodes]);
  const at = (one) => carried?.get(one.id) || one;
  return (
    <svg className="lines">
      {edges.map((edge) => {
        const [source, target] = [by.get(edge.source), by.get(edge.target)];
        const port = source?.ports.find((one) => one.id === edge.port);
        if (!source || !target?.entry || !port) return null;
        return <Line key={edge.id} line={edge} x1={at(source).x + port.x} y1={at(source).y + source.h} x2={at(target).x + target.entry.x} y2={at(target).y + target.entry.y} />;
      })}
    </svg>
  );
}

const still = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150);

/** What must stay large enough to be pressed is sized against the zoom: --k is how much smaller than life things are. */
function Scale({ box, far }) {
  const zoom = useStore((state) => Math.round(state.transform[2] * 20) / 20);
  useEffect(() => {
    box.current.style.setProperty('--k', String(Math.min(Math.max(1 / zoom, 1), 3)));
    box.current.classList.toggle('far', zoom < 0.5);
    box.current.classList.toggle('tiny', zoom < 0.25);
    far(zoom < 0.35);
  }, [box, zoom, far]);
  return null;
}

/** What is seen of the flow, as a rectangle of its own measures: a pan draws again only what asks for it. */
export const useSight = () => {
  const [x, y, zoom] = useStore((state) => state.transform);
  const [w, h] = [useStore((state) => state.width), useStore((state) => state.height)];
  return { x: -x / zoom, y: -y / zoom, w: w / zoom, h: h / zoom };
};

/** How large things are shown, in percent. */
export const useZoom = () => useStore((state) => Math.round(state.transform[2] * 100));

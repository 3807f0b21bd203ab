// The one file that knows React Flow. It pans, zooms, hit-tests, drags and connects; what stands where and how it looks is ours.
//
// Nodes and lines come as plain objects and are translated once each: React Flow is fast only if what did not change is the very
// same object. During a drag only the dragged nodes change; the definition hears of it when they are let go.
import { Handle, MiniMap, Position, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from '@xyflow/react';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';

const ZOOM = { min: 0.12, max: 1.6 };
const HANDLE = 12;
const translated = new WeakMap();

/** One of our nodes {id, piece, x, y, w, h, ports: [{id, x}], entry: {x, y} | null, data, selected, label} as React Flow wants it. */
function asNode(one) {
  if (!translated.has(one)) {
    const handles = one.ports.map((port) => ({ id: port.id, type: 'source', position: Position.Bottom, x: port.x - HANDLE / 2, y: one.h - HANDLE / 2, width: HANDLE, height: HANDLE }));
    if (one.entry) handles.push({ id: 'in', type: 'target', position: Position.Top, x: one.entry.x - HANDLE / 2, y: one.entry.y - HANDLE / 2, width: HANDLE, height: HANDLE });
    translated.set(one, {
      id: one.id, type: one.piece, position: { x: one.x, y: one.y }, width: one.w, height: one.h, measured: { width: one.w, height: one.h }, handles,
      data: one, selected: one.selected, draggable: one.movable, selectable: false, connectable: one.movable, focusable: false, zIndex: one.selected ? 5 : 0,
    });
  }
  return translated.get(one);
}

/** {id, source, port, target, data} as React Flow wants it. */
function asEdge(one) {
  if (!translated.has(one)) translated.set(one, { id: one.id, type: 'line', source: one.source, sourceHandle: one.port, target: one.target, targetHandle: 'in', data: one, selectable: false, focusable: false });
  return translated.get(one);
}

/** Ways in and out that a line can be drawn from and to. Their places are the layout's. */
export const Docks = memo(function Docks({ node, words }) {
  return (
    <>
      {node.entry && <Handle type="target" id="in" position={Position.Top} className="tap in" style={{ left: node.entry.x }} />}
      {node.ports.map((port) => <Handle key={port.id} type="source" id={port.id} position={Position.Bottom} className="tap out" style={{ left: port.x }} title={words?.(port) || undefined} />)}
    </>
  );
});

/** `pieces`: name → component of a node ({data: our node}); `line`: component of a line ({data, x1, y1, x2, y2}).
    `hand`: {picked(id, event), empty(), moved(id → {x, y}), connected(source, port, target), mayConnect(...), refused(...), opened(id)}. */
export const Board = memo(function Board(props) {
  return <ReactFlowProvider><Inner {...props} /></ReactFlowProvider>;
});

function Inner({ nodes, edges, pieces, line, hand, free, view, words, children }) {
  const flow = useReactFlow();
  const box = useRef(null);
  const [carried, setCarried] = useState(null); // id → {x, y} during a drag
  const nodeTypes = useMemo(() => Object.fromEntries(Object.entries(pieces).map(([name, Piece]) => [name, memo(function Node({ data }) { return <Piece node={data} />; })])), [pieces]);
  const edgeTypes = useMemo(() => {
    const Line = line;
    return { line: memo(function Edge({ data, sourceX, sourceY, targetX, targetY }) { return <Line line={data} x1={sourceX} y1={sourceY} x2={targetX} y2={targetY} />; }) };
  }, [line]);
  const shown = useMemo(() => nodes.map((one) => {
    const base = asNode(one);
    const at = carried?.get(one.id);
    return at ? { ...base, position: at } : base;
  }), [nodes, carried]);
  const lines = useMemo(() => edges.map(asEdge), [edges]);
  useEffect(() => {
    view.current = {
      // the middle of what is to be seen, with the room that stands over the canvas left out
      center: (x, y, { zoom, left = 0, right = 0, bottom = 0, animate = true } = {}) => {
        const to = zoom || flow.getZoom();
        return flow.setCenter(x + (right - left) / 2 / to, y + bottom / 2 / to, { zoom: to, duration: animate ? still() : 0 });
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
  const tried = useRef('');
  return (
    <div ref={box} className={`board${free ? ' free' : ''}${carried ? ' dragging' : ''}`}>
      <Scale box={box} />
      <ReactFlow
        nodes={shown} edges={lines} nodeTypes={nodeTypes} edgeTypes={edgeTypes} onNodesChange={changed} minZoom={ZOOM.min} maxZoom={ZOOM.max}
        nodesDraggable={free} nodesConnectable={free} nodesFocusable={false} edgesFocusable={false} elementsSelectable={false} disableKeyboardA11y deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null} panActivationKeyCode={null}
        onlyRenderVisibleElements panOnScroll zoomOnDoubleClick={false} proOptions={{ hideAttribution: true }} nodeDragThreshold={4} connectionRadius={34} ariaLabelConfig={words}
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
        {children}
      </ReactFlow>
    </div>
  );
}

const still = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150);

/** What must stay large enough to be pressed is sized against the zoom: --k is how much smaller than life things are. */
function Scale({ box }) {
  const zoom = useStore((state) => Math.round(state.transform[2] * 20) / 20);
  useEffect(() => {
    box.current.style.setProperty('--k', String(Math.min(Math.max(0.9 / zoom, 1), 3)));
    box.current.classList.toggle('far', zoom < 0.5);
  }, [box, zoom]);
  return null;
}

/** The small map in the corner. `color(node)` of ours. */
export function SmallMap({ color, label }) {
  return <MiniMap pannable zoomable position="bottom-right" ariaLabel={label} nodeColor={(node) => color(node.data)} nodeBorderRadius={6} className="map" />;
}

/** How large things are shown, in percent. */
export const useZoom = () => useStore((state) => Math.round(state.transform[2] * 100));

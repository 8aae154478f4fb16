// Read-out of the charts: by pointer, or with the arrow keys, Home and End when a chart has the focus.
document.querySelectorAll('svg[data-points]').forEach(function (svg) {
  var points = JSON.parse(svg.getAttribute('data-points'));
  var cross = svg.querySelector('.cross');
  var output = svg.closest('figure').querySelector('output');
  var at = -1;
  if (!points.length) return;
  function show(index) {
    at = Math.max(0, Math.min(points.length - 1, index));
    cross.setAttribute('x1', points[at].x);
    cross.setAttribute('x2', points[at].x);
    svg.classList.add('reading');
    output.textContent = points[at].text;
  }
  function nearest(x) {
    var best = 0;
    points.forEach(function (point, index) {
      if (Math.abs(point.x - x) < Math.abs(points[best].x - x)) best = index;
    });
    return best;
  }
  svg.addEventListener('pointermove', function (event) {
    var box = svg.getBoundingClientRect();
    show(nearest((event.clientX - box.left) * svg.viewBox.baseVal.width / box.width));
  });
  svg.addEventListener('pointerleave', function () {
    if (document.activeElement !== svg) svg.classList.remove('reading');
  });
  svg.addEventListener('blur', function () { svg.classList.remove('reading'); });
  svg.addEventListener('keydown', function (event) {
    var step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (step) show(at < 0 ? 0 : at + step);
    else if (event.key === 'Home') show(0);
    else if (event.key === 'End') show(points.length - 1);
    else return;
    event.preventDefault();
  });
});

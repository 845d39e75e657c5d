/** The page: the players by points, as they change. */
export const page = `<!doctype html>
<meta charset="utf-8">
<title>Leaderboard</title>
<h1>Leaderboard</h1>
<ol></ol>
<script>
  const points = new Map();
  const show = () => {
    const players = [...points].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
    document.querySelector('ol').replaceChildren(
      ...players.map(([player, sum]) => Object.assign(document.createElement('li'), { textContent: player + ' ' + sum })),
    );
  };
  const events = new EventSource('/standings');
  // Each connection begins with all rows: what was deleted while there was none is not sent.
  events.onopen = () => {
    points.clear();
    show();
  };
  events.onmessage = ({ data }) => {
    const { key, value } = JSON.parse(data);
    if (value === undefined) points.delete(key);
    else points.set(key, value.points);
    show();
  };
</script>
`;

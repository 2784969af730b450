"""How the pages look."""

from tests.pictures.colors import FAINT, GROUND, LINE, PANEL, TEXT
from tests.pictures.markup import Markup

CSS = Markup(f"""
* {{ box-sizing: border-box; margin: 0; }}
body {{ position: relative; width: 1400px; background: {GROUND}; color: {TEXT};
       font: 12px "DejaVu Sans Condensed", "DejaVu Sans", sans-serif; }}
header {{ position: absolute; left: 12px; right: 12px; top: 0; height: 56px; display: flex; align-items: center;
         gap: 12px; }}
h1 {{ font-size: 18px; font-weight: 500; margin-right: 16px; }}
.choice {{ border: 1px solid {LINE}; border-radius: 2px; padding: 5px 9px; }}
.choice small {{ color: {FAINT}; font-size: 12px; padding-right: 6px; }}
.when {{ margin-left: auto; color: {FAINT}; }}
h2 {{ position: absolute; font-size: 14px; font-weight: 500; line-height: 30px; }}
section {{ position: absolute; background: {PANEL}; border: 1px solid {LINE}; border-radius: 2px; overflow: hidden; }}
h3 {{ font-size: 13px; font-weight: 500; line-height: 30px; padding: 0 8px; white-space: nowrap; overflow: hidden;
     text-overflow: ellipsis; }}
.inside {{ position: relative; display: flex; flex-wrap: wrap; }}
.nothing {{ width: 100%; color: {FAINT}; font-size: 14px; text-align: center; padding-top: 60px; }}
.tiles {{ display: flex; flex-wrap: nowrap; overflow: hidden; }}
.stat {{ display: flex; flex-direction: column; align-items: center; justify-content: center; font-weight: 500;
        white-space: nowrap; overflow: hidden; }}
.legend {{ width: 100%; overflow: hidden; line-height: 20px; }}
.legend.beside {{ padding-left: 10px; }}
.legend table {{ width: 100%; border-collapse: collapse; table-layout: auto; }}
.legend td, .legend th {{ text-align: right; font-weight: 400; font-size: 11px; line-height: 20px; padding: 0 0 0 6px;
                         white-space: nowrap; }}
.legend th {{ color: #6e9fff; }}
.legend td.name {{ text-align: left; max-width: 0; width: 99%; overflow: hidden; text-overflow: ellipsis; padding: 0; }}
.item {{ display: inline-block; padding-right: 12px; white-space: nowrap; }}
.item b {{ font-weight: 400; font-size: 11px; }}
.item i {{ display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin-right: 6px;
          vertical-align: middle; }}
.table {{ width: 100%; overflow: hidden; }}
.table table {{ border-collapse: collapse; table-layout: fixed; }}
.table th, .table td {{ height: 30px; line-height: 29px; padding: 0 6px; text-align: left; font-weight: 400;
                       white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
                       border-bottom: 1px solid {LINE}; }}
.table th {{ color: #6e9fff; }}
.table .number {{ text-align: right; }}
.table .link {{ color: #6e9fff; text-decoration: underline; }}
.more {{ color: {FAINT}; font-size: 11px; line-height: 16px; }}
footer {{ position: absolute; left: 12px; right: 12px; height: 44px; line-height: 20px; color: {FAINT}; }}
""")

//! The grid of tiles that the work near the edge is done in.
//!
//! Tiles are spread over threads. A pixel's value depends on the planes alone, not on the tile it lies in, so results are
//! the same for any number of threads.

use raster::Plane;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::ops::Range;

/// Rows in a tile.
pub(crate) const TILE_ROWS: usize = 16;
/// Columns in a tile.
pub(crate) const TILE: usize = 64;
/// Pixels of a whole tile.
pub(crate) const TILE_PIXELS: usize = TILE * TILE_ROWS;

/// A part of a tile: columns `x`, rows `y`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tile {
    pub x: Range<usize>,
    pub y: Range<usize>,
}

/// The tiles that hold a pixel within `limit` of the edge, row by row, each cut down to such pixels.
pub(crate) fn tiles_near_edge(distance: &Plane<f32>, limit: f32) -> Vec<Tile> {
    let strips = distance.height().div_ceil(TILE_ROWS);
    let strip = |strip: usize| {
        let y = strip * TILE_ROWS..((strip + 1) * TILE_ROWS).min(distance.height());
        let tiles = (0..distance.width()).step_by(TILE);
        tiles.filter_map(|x| near_edge(distance, x..(x + TILE).min(distance.width()), y.clone(), limit)).collect()
    };
    let strips: Vec<Vec<Tile>> = (0..strips).into_par_iter().map(strip).collect();
    strips.concat()
}

/// The least part of a tile with all pixels within `limit` of the edge.
fn near_edge(distance: &Plane<f32>, x: Range<usize>, y: Range<usize>, limit: f32) -> Option<Tile> {
    let (mut columns, mut rows): (Option<Range<usize>>, Option<Range<usize>>) = (None, None);
    for y in y {
        let Some(span) = span_near_edge(distance.row(y), x.clone(), limit) else { continue };
        columns = Some(columns.map_or(span.clone(), |all| all.start.min(span.start)..all.end.max(span.end)));
        rows = Some(rows.map_or(y..y + 1, |rows| rows.start..y + 1));
    }
    Some(Tile { x: columns?, y: rows? })
}

/// From the first to the last pixel within `limit` of the edge among the columns `x` of a row.
pub(crate) fn span_near_edge(row: &[f32], x: Range<usize>, limit: f32) -> Option<Range<usize>> {
    let part = row.get(x.clone())?;
    // Without a way out of the loop it is done many pixels at a time; mostly there is nothing to be found.
    if !part.iter().fold(false, |any, d| any | (d.abs() < limit)) {
        return None;
    }
    let near = |d: &f32| d.abs() < limit;
    Some(x.start + part.iter().position(near)?..x.start + part.iter().rposition(near)? + 1)
}

impl Tile {
    /// It and a margin round it, as signed coordinates: part of it may lie outside the picture.
    pub fn with_margin(&self, margin: usize) -> Area {
        Area {
            x: self.x.start as isize - margin as isize,
            y: self.y.start as isize - margin as isize,
            width: self.x.len() + 2 * margin,
            height: self.y.len() + 2 * margin,
        }
    }
}

/// A rectangle that may reach outside the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub x: isize,
    pub y: isize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    /// The rows that lie in a picture of `picture_height` rows: (row in the area, row in the picture).
    pub fn rows_inside(&self, picture_height: usize) -> impl Iterator<Item = (usize, usize)> {
        let top = self.y;
        (0..self.height).filter_map(move |row| {
            let y = usize::try_from(top + row as isize).ok()?;
            (y < picture_height).then_some((row, y))
        })
    }

    /// The columns that lie in a picture of `picture_width` columns: (columns in the area, columns in the picture).
    pub fn columns_inside(&self, picture_width: usize) -> (Range<usize>, Range<usize>) {
        let end = (self.x + self.width as isize).clamp(0, picture_width as isize) as usize;
        let start = (self.x.max(0) as usize).min(end);
        let skipped = (start as isize - self.x) as usize;
        (skipped..skipped + end - start, start..end)
    }
}
